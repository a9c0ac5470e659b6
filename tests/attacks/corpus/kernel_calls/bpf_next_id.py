# goal: list the programs of the machine
# technique: kernel_calls
# field: kernel-bpf
# expect: crashed SIGSYS dead

from kernel import call

call("bpf", 11, b"\0" * 72, 72)
