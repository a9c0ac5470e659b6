# goal: trace the launcher through the x32 ABI
# technique: other_abis
# needs: x86_64
# field: kernel-x32, kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call(0x40000000 + 521, 16, 1, 0, 0)
