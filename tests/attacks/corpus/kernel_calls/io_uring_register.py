# goal: register buffers with an io_uring
# technique: kernel_calls
# field: kernel-io-uring
# expect: crashed SIGSYS dead

from kernel import call

call("io_uring_register", 3, 0, 0, 0)
