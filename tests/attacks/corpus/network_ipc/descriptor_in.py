# goal: receive a descriptor from the channel
# technique: network_ipc
# field: kernel-leaked-fd
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'recv_fds'" alive

import os
import socket

socket.recv_fds(socket.socket(fileno=os.dup(3)), 1, 1)
