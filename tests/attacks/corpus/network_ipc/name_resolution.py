# goal: resolve a name, which tells the name server
# technique: network_ipc
# expect: ok None

import socket

socket.getaddrinfo("example.com", 80)
