# goal: reach the kernel's cryptography
# technique: network_ipc
# field: kernel-netlink
# expect: ok None

import socket

socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
