# goal: stall the kernel in the middle of a copy
# technique: kernel_calls
# field: kernel-userfaultfd
# expect: crashed SIGSYS dead

from kernel import call

call("userfaultfd", 1)
