# goal: set the machine's clock
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("clock_settime", 0, 0)
