# goal: move a waiter between kinds of futexes
# technique: kernel_calls
# expect: ok 'ENOSYS' alive

from kernel import call

call("futex", b"\0" * 4, 12, 0, 0, b"\0" * 4, 0)
