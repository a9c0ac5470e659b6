# goal: be a server
# technique: network_ipc
# expect: ok None

import socket

socket.create_server(("0.0.0.0", 0))
