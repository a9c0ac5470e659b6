# goal: make a call that is newer than the filter
# technique: kernel_calls
# expect: ok 'ENOSYS' alive

from kernel import call

call(467)
