# goal: overwrite the stack that returns to the host
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

from linear import memory

for address in range(1024, 16 << 20, 4):
    memory[address : address + 4] = b"\xf0\xff\xff\xff"
