# goal: load a kernel module
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("init_module", 0, 0, b"")
