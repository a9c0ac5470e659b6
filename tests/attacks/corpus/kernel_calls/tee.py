# goal: copy pages between pipes
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("tee", 3, 3, 1, 0)
