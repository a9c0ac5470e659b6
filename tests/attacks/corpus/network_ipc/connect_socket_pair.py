# goal: turn one end of a pair into a connection to a unix socket of the host
# technique: network_ipc
# field: kernel-abstract-socket
# expect: ok 'EPERM' alive

import socket
import struct

from kernel import call

here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
address = struct.pack("H", 1) + TARGET["socket"].encode() + b"\0"
call("connect", here.fileno(), address, len(address))
