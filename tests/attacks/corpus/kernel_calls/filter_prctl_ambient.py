# goal: raise an ambient capability
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 47, 4, 0, 0, 0)
