# goal: become another user
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setuid", 1000)
