# goal: fetch a page
# technique: network_ipc
# needs: no:only:seccomp
# expect: error URLError '<urlopen error [Errno 1] Operation not permitted>' alive
# expect[engine=wasi]: error URLError "<urlopen error [Errno 58] Not supported>" alive

import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{TARGET['port']}/", timeout=2)
