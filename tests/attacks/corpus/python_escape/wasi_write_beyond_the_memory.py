# goal: write beyond the end of linear memory
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

from linear import memory

memory[0x7000_0000] = 1
