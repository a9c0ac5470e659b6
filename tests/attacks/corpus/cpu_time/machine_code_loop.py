# goal: spin in machine code, where no interrupt is seen
# technique: cpu_time
# limits: wall=0.3
# needs: x86_64
# field: lang-ctypes
# expect: limit wall dead

from kernel import execute

execute(bytes.fromhex("ebfe"))  # jmp to itself
