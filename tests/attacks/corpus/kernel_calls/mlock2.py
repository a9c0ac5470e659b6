# goal: pin memory as it is touched
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mlock2", 0, 0, 1)
