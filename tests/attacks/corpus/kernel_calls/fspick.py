# goal: reconfigure a mounted file system
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("fspick", -100, b"/", 0)
