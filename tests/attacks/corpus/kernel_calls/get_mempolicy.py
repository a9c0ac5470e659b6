# goal: learn the memory nodes of the host
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("get_mempolicy", 0, 0, 0, 0, 0)
