# goal: be traced by the launcher
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("ptrace", 0, 0, 0, 0)
