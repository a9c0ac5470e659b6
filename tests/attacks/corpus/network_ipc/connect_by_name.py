# goal: connect to a port of the host by name
# technique: network_ipc
# expect: ok None

import socket

socket.create_connection(("localhost", TARGET["port"]))
