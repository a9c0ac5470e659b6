# goal: read another process's memory
# technique: kernel_calls
# field: kernel-ptrace
# expect: crashed SIGSYS dead

from kernel import call

call("process_vm_readv", 1, 0, 0, 0, 0, 0)
