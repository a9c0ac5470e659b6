# goal: wait on a semaphore
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("semop", 0, b"\0" * 8, 1)
