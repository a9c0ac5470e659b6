# goal: give an open file to another user
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fchown", 3, -1, -1)
