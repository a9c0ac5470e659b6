# goal: put a filter over the filter
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("seccomp", 1, 0, 0)
