# goal: get a unix socket
# technique: network_ipc
# field: kernel-abstract-socket
# expect: ok None

import socket

socket.socket(socket.AF_UNIX)
