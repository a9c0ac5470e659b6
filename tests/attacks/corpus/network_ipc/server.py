# goal: be a server
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

socket.create_server(("0.0.0.0", 0))
