# goal: become another group
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setgid", 1000)
