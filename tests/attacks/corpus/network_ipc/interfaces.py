# goal: list the network interfaces
# technique: network_ipc
# expect: ok None

import socket

socket.if_nameindex()
