# goal: uncover what a mount hides
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("umount2", b"/box/tmp", 2)
