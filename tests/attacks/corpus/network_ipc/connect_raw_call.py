# goal: connect a descriptor that one already has
# technique: network_ipc
# expect: ok 'EPERM' alive

import struct

from kernel import call

address = struct.pack("!HH", 2 << 8, TARGET["port"]) + bytes([127, 0, 0, 1]) + bytes(8)
call("connect", 3, address, 16)
