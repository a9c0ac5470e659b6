# goal: change the root of the mount tree
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("pivot_root", b"/", b"/box/tmp")
