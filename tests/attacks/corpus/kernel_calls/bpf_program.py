# goal: load a BPF program
# technique: kernel_calls
# field: kernel-bpf
# expect: crashed SIGSYS dead

from kernel import call

call("bpf", 5, b"\0" * 72, 72)
