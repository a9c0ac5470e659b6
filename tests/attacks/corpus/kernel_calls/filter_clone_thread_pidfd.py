# goal: start a thread and get a pidfd of it
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x3D0F00 | 0x1000)
