# goal: leave the controlling terminal
# technique: kernel_calls
# field: kernel-tiocsti
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 0, 0x5422, 0)
