# goal: stop the launcher and read its memory
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("ptrace", 16, 1, 0, 0)
