# goal: reach a vehicle's bus
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_CAN'" alive

import socket

socket.socket(socket.AF_CAN, socket.SOCK_RAW, 1)
