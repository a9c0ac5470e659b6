# goal: set the base of a segment
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("arch_prctl", 0x1003, b"\0" * 8)
