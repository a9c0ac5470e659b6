# goal: bend the machine's clock
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("clock_adjtime", 0, 0)
