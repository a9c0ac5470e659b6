# goal: set the machine's clock, the old way
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("settimeofday", 0, 0)
