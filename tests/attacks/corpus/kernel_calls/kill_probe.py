# goal: learn which processes exist
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("kill", 1, 0)
