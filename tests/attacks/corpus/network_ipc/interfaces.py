# goal: list the network interfaces
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

socket.if_nameindex()
