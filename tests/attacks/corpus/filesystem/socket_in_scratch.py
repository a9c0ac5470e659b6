# goal: make a socket with a name in the scratch folder
# technique: filesystem
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_UNIX'" alive

import socket

socket.socket(socket.AF_UNIX).bind("socket")
