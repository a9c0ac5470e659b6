# goal: connect to an abstract socket of the host
# technique: network_ipc
# field: kernel-abstract-socket
# expect: ok None

import socket

socket.socket(socket.AF_UNIX).connect("\0" + TARGET["abstract"])
