# goal: reach input and output ports
# technique: kernel_calls
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import call

call("ioperm", 0, 1, 1)
