# goal: free another process's memory
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("process_mrelease", 3, 0)
