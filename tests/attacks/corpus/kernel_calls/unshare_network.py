# goal: get a network with a loopback of one's own
# technique: kernel_calls
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("unshare", 0x40000000)
