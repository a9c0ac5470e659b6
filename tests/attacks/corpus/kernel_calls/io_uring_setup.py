# goal: make system calls that no filter sees
# technique: kernel_calls
# field: kernel-io-uring
# expect: crashed SIGSYS dead

from kernel import call

call("io_uring_setup", 1, b"\0" * 120)
