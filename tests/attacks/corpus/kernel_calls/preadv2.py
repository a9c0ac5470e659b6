# goal: learn by RWF_NOWAIT what is in the cache
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("preadv2", 3, 0, 0, 0, 0, 8)
