# goal: connect to a unix socket of the host by its path
# technique: network_ipc
# field: kernel-abstract-socket
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

socket.socket(socket.AF_UNIX).connect(TARGET["socket"])
