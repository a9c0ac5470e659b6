# goal: load a constant that is not there
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

def f():
    return 1


import opcode

load, extended, ret = opcode.opmap["LOAD_CONST"], opcode.opmap["EXTENDED_ARG"], opcode.opmap["RETURN_VALUE"]
code = bytes([extended, 0x7F, extended, 0xFF, extended, 0xFF, load, 0xF0, ret, 0])
f.__code__ = f.__code__.replace(co_code=code)
f()
