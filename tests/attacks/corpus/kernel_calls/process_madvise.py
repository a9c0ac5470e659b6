# goal: steer another process's memory
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("process_madvise", 3, 0, 0, 21, 0)
