# goal: resolve a name, which tells the name server
# technique: network_ipc
# expect: error gaierror '[Errno -3] Temporary failure in name resolution' alive
# expect[engine=wasi]: error gaierror "[Errno 8] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.getaddrinfo("example.com", 80)
