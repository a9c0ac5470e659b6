# goal: watch the launcher without stopping it
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("ptrace", 0x4206, 1, 0, 0)
