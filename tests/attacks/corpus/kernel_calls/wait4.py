# goal: wait for children
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("wait4", -1, 0, 1, 0)
