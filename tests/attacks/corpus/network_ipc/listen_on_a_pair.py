# goal: listen on one end of a pair
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import socket

here, there = socket.socketpair()
here.listen()
