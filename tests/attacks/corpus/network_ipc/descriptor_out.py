# goal: pass a descriptor through the channel to the host
# technique: network_ipc
# field: kernel-leaked-fd
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'send_fds'" alive

import os
import socket

socket.send_fds(socket.socket(fileno=os.dup(3)), [b"x"], [0])
