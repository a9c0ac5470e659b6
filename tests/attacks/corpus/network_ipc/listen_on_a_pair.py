# goal: listen on one end of a pair
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import socket

here, there = socket.socketpair()
here.listen()
