# goal: turn a number into a path
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("lookup_dcookie", 0, b"\0" * 64, 64)
