# goal: read every packet of an interface
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_PACKET'" alive

import socket

socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
