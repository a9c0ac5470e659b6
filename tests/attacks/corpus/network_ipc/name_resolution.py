# goal: resolve a name, which tells the name server
# technique: network_ipc
# expect: error gaierror '[Errno -3] Temporary failure in name resolution' alive
# expect[engine=wasi]: error gaierror "[Errno 4] getaddrinfo failed" alive

import socket

socket.getaddrinfo("example.com", 80)
