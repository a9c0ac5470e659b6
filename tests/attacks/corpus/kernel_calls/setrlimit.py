# goal: raise a limit
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setrlimit", 7, 0)
