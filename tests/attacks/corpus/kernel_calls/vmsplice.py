# goal: put pages of memory into a pipe
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("vmsplice", 3, 0, 0, 0)
