# goal: call through the x32 ABI, past a filter that knows only the native numbers
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import call

call(0x40000000 + 39)
