# goal: make every readable page executable
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("personality", 0x0400000)
