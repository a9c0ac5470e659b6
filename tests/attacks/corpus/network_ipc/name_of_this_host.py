# goal: resolve the host's own name
# technique: network_ipc
# expect: error gaierror '[Errno -2] Name or service not known' alive
# expect[engine=wasi]: error gaierror "[Errno 4] getaddrinfo failed" alive

import socket

socket.gethostbyname("localhost")
