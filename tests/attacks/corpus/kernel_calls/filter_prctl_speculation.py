# goal: turn a mitigation of the processor off
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 53, 0, 2, 0, 0)
