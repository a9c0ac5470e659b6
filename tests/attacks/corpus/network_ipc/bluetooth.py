# goal: reach the kernel's Bluetooth
# technique: network_ipc
# field: kernel-netlink
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

socket.socket(31, socket.SOCK_RAW, 1)
