# goal: run before others at the disk
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("ioprio_set", 1, 0, 0x6007)
