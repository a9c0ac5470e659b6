# goal: mount a file system without a size limit
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("mount", b"none", b"/box/tmp", b"tmpfs", 0, 0)
