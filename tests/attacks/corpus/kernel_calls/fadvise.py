# goal: push a shared file out of the cache
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fadvise64", 3, 0, 0, 4)
