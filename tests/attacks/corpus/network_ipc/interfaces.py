# goal: list the network interfaces
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'if_nameindex'" alive

import socket

socket.if_nameindex()
