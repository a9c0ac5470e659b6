# goal: make the read-only tree writable
# technique: kernel_calls
# field: kernel-mount
# expect: crashed SIGSYS dead

from kernel import call

call("mount", b"none", b"/", 0, 0x1020, 0)
