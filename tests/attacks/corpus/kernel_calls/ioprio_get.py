# goal: learn the disk priority of another process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("ioprio_get", 1, 0)
