# goal: fetch a page with the lower module
# technique: network_ipc
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import http.client

http.client.HTTPConnection("127.0.0.1", TARGET["port"], timeout=2).request("GET", "/")
