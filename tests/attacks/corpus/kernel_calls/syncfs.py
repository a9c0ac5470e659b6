# goal: make the host write a disk
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("syncfs", 0)
