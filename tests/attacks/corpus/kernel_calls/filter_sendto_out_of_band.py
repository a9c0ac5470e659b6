# goal: send out-of-band data, where the kernel had an error
# technique: kernel_calls
# expect: ok 'EPERM' alive

import socket

from kernel import call

here, there = socket.socketpair()
call("sendto", here.fileno(), b"x", 1, 1, 0, 0)
