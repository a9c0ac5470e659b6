# goal: reach the kernel's cryptography
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_ALG'" alive

import socket

socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
