# goal: make whoever opens a file wait
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 1024, 0)
