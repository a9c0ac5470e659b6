# goal: submit to an io_uring
# technique: kernel_calls
# field: kernel-io-uring
# expect: crashed SIGSYS dead

from kernel import call

call("io_uring_enter", 3, 1, 0, 0, 0)
