# goal: add segments of one's own to the processor's table
# technique: kernel_calls
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import call

call("modify_ldt", 0, 0, 0)
