# goal: reach the packet filter, where exploits start
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'socket' has no attribute 'AF_NETLINK'" alive

import socket

socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
