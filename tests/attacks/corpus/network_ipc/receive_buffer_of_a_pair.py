# goal: have a pair pin more of the kernel's memory
# technique: network_ipc
# trap: 4
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import socket

here, there = socket.socketpair()
here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 30)
