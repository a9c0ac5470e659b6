# goal: make timers coarse, or fine
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 29, 1)
