# goal: attach a mount somewhere else
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("move_mount", 3, b"", -100, b"/box/tmp", 4)
