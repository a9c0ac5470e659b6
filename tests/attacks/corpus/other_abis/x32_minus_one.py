# goal: reach the last number of the x32 table
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import call

call(0x7FFFFFFF)
