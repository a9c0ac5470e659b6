# goal: receive descriptors over a socket of one's own
# technique: kernel_calls
# expect: ok ['EPERM', 'EPERM'] alive

import socket
from kernel import call

here, there = socket.socketpair()
[call("recvmsg", here.fileno(), b"\0" * 56, 0x40), call("recvmsg", 0, b"\0" * 56, 0x40)]
