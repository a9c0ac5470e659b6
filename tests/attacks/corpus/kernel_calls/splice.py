# goal: move pages between descriptors
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("splice", 3, 0, 3, 0, 1, 0)
