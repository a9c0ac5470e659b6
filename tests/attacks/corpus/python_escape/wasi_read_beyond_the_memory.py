# goal: read beyond the end of linear memory
# technique: python_escape
# needs: engine=wasi
# expect: crashed Trap dead

from linear import memory

memory[0x7FFF_0000]
