# goal: resolve the host's own name
# technique: network_ipc
# expect: ok None

import socket

socket.gethostbyname("localhost")
