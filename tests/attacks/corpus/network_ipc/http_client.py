# goal: fetch a page with the lower module
# technique: network_ipc
# expect: ok None

import http.client

http.client.HTTPConnection("127.0.0.1", TARGET["port"], timeout=2).request("GET", "/")
