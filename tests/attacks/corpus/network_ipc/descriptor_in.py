# goal: receive a descriptor from the channel
# technique: network_ipc
# field: kernel-leaked-fd
# expect: ok None

import os
import socket

socket.recv_fds(socket.socket(fileno=os.dup(3)), 1, 1)
