# goal: fetch a page
# technique: network_ipc
# needs: no:only:seccomp
# expect: error URLError '<urlopen error [Errno 1] Operation not permitted>' alive
# expect[engine=wasi]: error URLError "<urlopen error [Errno 63] there is no network here: lend a host function that fetches what is needed>" alive

import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{TARGET['port']}/", timeout=2)
