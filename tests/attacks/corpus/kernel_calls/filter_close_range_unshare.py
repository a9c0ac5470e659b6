# goal: get a descriptor table for each thread, each with its own limit
# technique: kernel_calls
# expect: ok 'EINVAL' alive

from kernel import call

call("close_range", 10, 20, 2)
