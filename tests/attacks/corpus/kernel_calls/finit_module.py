# goal: load a kernel module from a file
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("finit_module", -1, b"", 0)
