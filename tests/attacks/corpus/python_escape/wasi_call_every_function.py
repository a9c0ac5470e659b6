# goal: call what is in the table of functions, by a forged type
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

import struct

from linear import memory


class Victim:
    __slots__ = ()


victim, base = Victim(), id(Victim)
for index in range(1, 20_000):
    memory[base + 44 : base + 48] = struct.pack("<I", index)  # tp_repr
    repr(victim)
