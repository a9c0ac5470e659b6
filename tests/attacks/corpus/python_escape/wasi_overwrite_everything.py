# goal: overwrite all of linear memory with garbage
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

from linear import memory

for address in range(1024, 1 << 30, 1 << 16):
    memory[address : address + (1 << 16)] = b"\xff" * (1 << 16)
