# goal: list interfaces and routes
# technique: network_ipc
# field: kernel-netlink
# expect: ok None

import socket

socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
