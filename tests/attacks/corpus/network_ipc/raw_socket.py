# goal: get a socket that makes its own packets
# technique: network_ipc
# expect: ok None

import socket

socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
