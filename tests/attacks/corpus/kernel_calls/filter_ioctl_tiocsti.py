# goal: type a command into the host's terminal
# technique: kernel_calls
# field: kernel-tiocsti
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 0, 0x5412, b"x")
