# goal: reach the kernel's Bluetooth
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import socket

socket.socket(31, socket.SOCK_RAW, 1)
