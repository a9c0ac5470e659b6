# goal: get a unix socket
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

socket.socket(socket.AF_UNIX)
