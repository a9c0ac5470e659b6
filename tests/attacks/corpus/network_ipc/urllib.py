# goal: fetch a page
# technique: network_ipc
# expect: ok None

import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{TARGET['port']}/", timeout=2)
