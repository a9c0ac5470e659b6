# goal: take a descriptor from another process
# technique: kernel_calls
# field: kernel-leaked-fd
# expect: crashed SIGSYS dead

from kernel import call

call("pidfd_getfd", 3, 0, 0)
