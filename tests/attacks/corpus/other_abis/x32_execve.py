# goal: start a program through the x32 ABI
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import call

call(0x40000000 + 520, b"/bin/sh", 0, 0)
