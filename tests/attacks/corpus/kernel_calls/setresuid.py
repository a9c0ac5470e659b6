# goal: become another user, thrice
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setresuid", -1, -1, -1)
