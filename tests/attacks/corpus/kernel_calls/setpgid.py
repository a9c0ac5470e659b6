# goal: leave the process group
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setpgid", 0, 0)
