# goal: make a call with a negative number
# technique: kernel_calls
# expect: ok 'ENOSYS' alive
# expect[x86_64]: crashed SIGSYS dead

from kernel import call

call(-1)
