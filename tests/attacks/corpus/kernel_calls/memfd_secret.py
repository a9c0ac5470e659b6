# goal: keep memory that not even the kernel maps
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("memfd_secret", 0)
