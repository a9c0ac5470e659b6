# goal: spin in machine code until the processor time is up
# technique: cpu_time
# limits: wall=9 cpu=0.3
# needs: x86_64
# field: lang-ctypes
# trap: 12
# expect: limit cpu dead

from kernel import execute

execute(bytes.fromhex("ebfe"))  # jmp to itself
