# goal: have a pair pin more of the kernel's memory
# technique: network_ipc
# trap: 4
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

here, there = socket.socketpair()
here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 30)
