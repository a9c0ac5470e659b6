# goal: let every process trace this one
# technique: kernel_calls
# field: kernel-ptrace
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 0x59616D61, -1)
