# goal: get a socket through the x32 ABI
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import call

call(0x40000000 + 41, 2, 1, 0)
