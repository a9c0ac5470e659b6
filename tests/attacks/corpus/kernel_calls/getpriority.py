# goal: learn the priorities of other processes
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getpriority", 0, 1)
