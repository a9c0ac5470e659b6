# goal: set options of a file system that is being made
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("fsconfig", 3, 6, 0, 0, 0)
