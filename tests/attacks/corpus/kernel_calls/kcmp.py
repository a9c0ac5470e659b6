# goal: learn what two processes share
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("kcmp", 1, 1, 0, 0, 0)
