# goal: stall the kernel at its own page faults
# technique: kernel_calls
# field: kernel-userfaultfd
# expect: crashed SIGSYS dead

from kernel import call

call("userfaultfd", 0)
