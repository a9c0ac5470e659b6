# goal: call with a number of 32-bit ARM
# technique: other_abis
# needs: aarch64
# expect: ok 'ENOSYS' alive

from kernel import call

call(0xF0005)
