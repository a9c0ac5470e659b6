# goal: make a call with a number that is out of every table
# technique: kernel_calls
# expect: ok 'ENOSYS' alive

from kernel import call

call(0x3FFFFFFF)
