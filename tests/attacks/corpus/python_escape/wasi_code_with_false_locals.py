# goal: write to a local variable that is not there
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

def f():
    return 1


import opcode

load, extended, store = opcode.opmap["LOAD_CONST"], opcode.opmap["EXTENDED_ARG"], opcode.opmap["STORE_FAST"]
code = bytes([load, 0, extended, 0x1F, extended, 0xFF, extended, 0xFF, store, 0xF0]) + f.__code__.co_code
f.__code__ = f.__code__.replace(co_code=code)
f()
