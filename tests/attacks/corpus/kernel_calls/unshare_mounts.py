# goal: get a mount table of one's own
# technique: kernel_calls
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("unshare", 0x00020000)
