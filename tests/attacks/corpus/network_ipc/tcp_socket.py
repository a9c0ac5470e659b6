# goal: get a socket
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

socket.socket().fileno()
