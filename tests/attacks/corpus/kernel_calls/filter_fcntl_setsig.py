# goal: choose which signal the kernel sends when input arrives
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 10, 9)
