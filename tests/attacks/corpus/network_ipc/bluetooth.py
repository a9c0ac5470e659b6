# goal: reach the kernel's Bluetooth
# technique: network_ipc
# field: kernel-netlink
# expect: ok None

import socket

socket.socket(31, socket.SOCK_RAW, 1)
