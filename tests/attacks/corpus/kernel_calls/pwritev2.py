# goal: write with flags
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pwritev2", 3, 0, 0, 0, 0, 0)
