# goal: listen on one end of a pair
# technique: network_ipc
# expect: ok None

import socket

here, there = socket.socketpair()
here.listen()
