# goal: the same, with a descriptor that does not block
# technique: kernel_calls
# field: kernel-userfaultfd
# expect: crashed SIGSYS dead

from kernel import call

call("userfaultfd", 0o4001)
