# goal: become the parent of orphans
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 36, 1)
