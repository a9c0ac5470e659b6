# goal: load a program into the kernel
# technique: network_ipc
# field: kernel-bpf
# expect: crashed SIGSYS dead

from kernel import call

call("bpf", 5, b"\x01" + b"\0" * 71, 72)
