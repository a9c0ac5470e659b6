# goal: rename the machine
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("sethostname", b"taken", 5)
