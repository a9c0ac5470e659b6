# goal: make a BPF map
# technique: kernel_calls
# field: kernel-bpf
# expect: crashed SIGSYS dead

from kernel import call

call("bpf", 0, b"\0" * 72, 72)
