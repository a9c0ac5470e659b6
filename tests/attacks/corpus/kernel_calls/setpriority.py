# goal: lower one's own priority, or that of others
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setpriority", 0, 0, 19)
