# goal: stop the machine
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("reboot", 0, 0, 0, 0)
