# goal: become another group, thrice
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setresgid", -1, -1, -1)
