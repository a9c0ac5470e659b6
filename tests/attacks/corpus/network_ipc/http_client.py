# goal: fetch a page with the lower module
# technique: network_ipc
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import http.client

http.client.HTTPConnection("127.0.0.1", TARGET["port"], timeout=2).request("GET", "/")
