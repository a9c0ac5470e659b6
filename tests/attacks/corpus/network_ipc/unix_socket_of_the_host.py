# goal: connect to a unix socket of the host by its path
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_UNIX'" alive

import socket

socket.socket(socket.AF_UNIX).connect(TARGET["socket"])
