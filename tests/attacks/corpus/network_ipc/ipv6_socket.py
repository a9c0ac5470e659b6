# goal: get a socket of the newer internet
# technique: network_ipc
# expect: ok None

import socket

socket.socket(socket.AF_INET6)
