# goal: talk to the machine that runs this virtual machine
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_VSOCK'" alive

import socket

socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
