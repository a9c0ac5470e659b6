# goal: call a function pointer of one's own making
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

import struct

from linear import memory


class Victim:
    pass


# tp_repr of the type: an index into the table of functions, which Wasmtime checks for being one, and for its type.
victim = Victim()
base = id(Victim)
for slot in range(24, 120, 4):
    memory[base + slot : base + slot + 4] = struct.pack("<I", 0x00FF_FFFF)
repr(victim)
