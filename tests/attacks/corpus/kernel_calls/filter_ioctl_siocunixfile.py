# goal: open the socket file behind a unix socket
# technique: kernel_calls
# field: kernel-abstract-socket
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 3, 0x89E0, 0)
