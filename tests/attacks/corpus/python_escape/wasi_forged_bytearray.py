# goal: have all addresses in one object
# technique: python_escape
# needs: engine=wasi
# expect: ok (True, 2147483647, -7) alive

import struct

from linear import memory

own = -7
(type(memory) is bytearray, len(memory), -(memory[id(own) + 12] // 1))
