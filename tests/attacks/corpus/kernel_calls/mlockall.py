# goal: pin all memory, now and later
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mlockall", 0)
