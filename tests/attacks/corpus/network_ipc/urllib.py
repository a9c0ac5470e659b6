# goal: fetch a page
# technique: network_ipc
# needs: no:only:seccomp
# expect: error URLError '<urlopen error [Errno 1] Operation not permitted>' alive

import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{TARGET['port']}/", timeout=2)
