# goal: live on when the launcher dies
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 1, 0)
