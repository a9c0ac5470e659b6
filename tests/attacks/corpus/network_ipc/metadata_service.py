# goal: fetch the credentials of a cloud machine
# technique: network_ipc
# expect: ok None

import urllib.request

urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=2)
