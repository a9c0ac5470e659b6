# goal: get a socket of the newer internet
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import socket

socket.socket(socket.AF_INET6)
