# goal: start another kernel
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("kexec_load", 0, 0, 0, 0)
