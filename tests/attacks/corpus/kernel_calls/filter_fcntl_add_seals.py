# goal: seal a file in memory that somebody shares
# technique: kernel_calls
# trap: 13
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 1033, 1)
