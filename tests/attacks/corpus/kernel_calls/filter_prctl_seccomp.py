# goal: change the filter the old way
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 22, 0, 0)
