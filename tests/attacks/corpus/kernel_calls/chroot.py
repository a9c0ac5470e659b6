# goal: make a prepared folder the root
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("chroot", b"/box/tmp")
