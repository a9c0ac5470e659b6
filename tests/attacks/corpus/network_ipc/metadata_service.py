# goal: fetch the credentials of a cloud machine
# technique: network_ipc
# needs: no:only:seccomp
# expect: error URLError '<urlopen error [Errno 1] Operation not permitted>' alive
# expect[engine=wasi]: error URLError "<urlopen error [Errno 63] there is no network here: lend a host function that fetches what is needed>" alive

import urllib.request

urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=2)
