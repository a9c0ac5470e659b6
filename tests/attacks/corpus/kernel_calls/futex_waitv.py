# goal: wait on many futexes
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("futex_waitv", 0, 0, 0, 0, 0)
