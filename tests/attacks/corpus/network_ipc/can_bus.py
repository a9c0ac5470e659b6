# goal: reach a vehicle's bus
# technique: network_ipc
# field: kernel-netlink
# expect: ok None

import socket

socket.socket(socket.AF_CAN, socket.SOCK_RAW, 1)
