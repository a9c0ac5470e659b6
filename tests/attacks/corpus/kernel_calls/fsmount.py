# goal: turn a file system into a mount
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("fsmount", 3, 0, 0)
