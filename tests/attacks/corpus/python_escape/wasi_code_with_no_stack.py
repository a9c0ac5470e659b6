# goal: run bytecode that takes more from the stack than there is
# technique: python_escape
# needs: engine=wasi
# field: lang-class-hooks
# expect: crashed Trap dead

def f():
    return 1


import opcode

pop = opcode.opmap["POP_TOP"]
f.__code__ = f.__code__.replace(co_code=bytes([pop, 0]) * 100_000 + f.__code__.co_code)
f()
