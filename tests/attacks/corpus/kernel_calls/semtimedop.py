# goal: wait on a semaphore for a while
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("semtimedop", 0, b"\0" * 8, 1, 0)
