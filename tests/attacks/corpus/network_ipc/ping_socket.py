# goal: get a socket for pings, which needs no privilege
# technique: network_ipc
# expect: ok None

import socket

socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
