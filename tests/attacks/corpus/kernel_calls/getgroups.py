# goal: learn the groups of the user who started the host
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getgroups", 0, 0)
