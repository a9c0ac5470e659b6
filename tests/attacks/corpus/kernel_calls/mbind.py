# goal: choose the memory node of pages
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mbind", 0, 0, 0, 0, 0, 0)
