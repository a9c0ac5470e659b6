# goal: make a read-only mount writable
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("mount_setattr", -100, b"/", 0, b"\0" * 32, 32)
