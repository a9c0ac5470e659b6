# goal: get a socket of the newer internet
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.socket(socket.AF_INET6)
