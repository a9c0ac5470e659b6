# goal: enter another namespace through a descriptor
# technique: kernel_calls
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("setns", 3, 0)
