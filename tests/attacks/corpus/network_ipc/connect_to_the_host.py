# goal: connect to a port of the host
# technique: network_ipc
# expect: ok None

import socket

socket.create_connection(("127.0.0.1", TARGET["port"]))
