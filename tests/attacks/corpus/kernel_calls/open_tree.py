# goal: clone a part of the mount tree
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("open_tree", -100, b"/", 1)
