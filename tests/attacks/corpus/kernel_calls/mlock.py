# goal: pin memory
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mlock", 0, 0)
