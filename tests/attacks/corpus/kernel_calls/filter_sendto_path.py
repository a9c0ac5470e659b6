# goal: send a datagram to a socket of the host by its path
# technique: kernel_calls
# expect: ok 'EPERM' alive

import ctypes

from kernel import call

pair = bytearray(8)
answer = call("socketpair", 1, 2, 0, (ctypes.c_char * 8).from_buffer(pair))
call("sendto", pair[0], b"x", 1, 0, b"\x01\0/box/socket\0", 14) if answer == 0 else answer
