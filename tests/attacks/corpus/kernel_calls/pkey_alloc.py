# goal: take a memory protection key
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pkey_alloc", 0, 0)
