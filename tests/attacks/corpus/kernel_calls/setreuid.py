# goal: exchange user ids
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setreuid", -1, -1)
