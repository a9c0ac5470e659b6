# goal: send a datagram to a socket of the host
# technique: kernel_calls
# field: kernel-abstract-socket
# expect: ok 'EPERM' alive

import socket
import struct

from kernel import call

here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
address = struct.pack("H", 1) + b"\0" + TARGET["abstract"].encode()
call("sendto", here.fileno(), b"hello", 5, 0, address, len(address))
