# goal: pull a shared file into the cache
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("readahead", 3, 0, 1)
