# goal: run as a 32-bit or old-style program
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("personality", 0x0040000)
