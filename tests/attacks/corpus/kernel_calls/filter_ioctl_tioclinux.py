# goal: paste the console's selection
# technique: kernel_calls
# field: kernel-tiocsti
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 0, 0x541C, b"\x03")
