# goal: learn the size of the kernel's log
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("syslog", 10, 0, 0)
