# goal: type into the terminal with a request that only looks different
# technique: kernel_calls
# field: kernel-tiocsti
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 0, 0x5412 | 1 << 32, b"x")
