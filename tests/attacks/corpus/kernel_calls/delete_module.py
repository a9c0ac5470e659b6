# goal: unload a kernel module
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("delete_module", b"left-behind", 0o4000)
