# goal: become root of a new user namespace
# technique: kernel_calls
# trap: 5
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("unshare", 0x10000000)
