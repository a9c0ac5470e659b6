# goal: use the futexes that exploits use
# technique: kernel_calls
# expect: ok 'ENOSYS' alive

from kernel import call

call("futex", b"\0" * 4, 6, 0, 0, 0, 0)
