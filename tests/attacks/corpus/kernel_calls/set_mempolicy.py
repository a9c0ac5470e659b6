# goal: choose the memory node of the process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("set_mempolicy", 0, 0, 0)
