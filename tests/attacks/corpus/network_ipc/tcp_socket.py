# goal: get a socket
# technique: network_ipc
# expect: ok None

import socket

socket.socket().fileno()
