# goal: read the kernel's log, and addresses in it
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("syslog", 3, 0, 0)
