# goal: read every packet of an interface
# technique: network_ipc
# expect: ok None

import socket

socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
