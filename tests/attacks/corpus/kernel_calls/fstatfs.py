# goal: learn a file system's space through a descriptor
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fstatfs", 0, b"\0" * 128)
