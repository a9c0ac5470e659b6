# goal: hear of changes in a folder
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 1026, 1)
