# goal: listen on one end of a pair
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there is no network here: lend a host function that fetches what is needed" alive

import socket

here, there = socket.socketpair()
here.listen()
