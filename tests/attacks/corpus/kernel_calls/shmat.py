# goal: map shared memory
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("shmat", 0, 0, 0)
