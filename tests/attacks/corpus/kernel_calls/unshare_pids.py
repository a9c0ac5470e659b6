# goal: let children be born into a new PID namespace
# technique: kernel_calls
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("unshare", 0x20000000)
