# goal: talk to devices directly
# technique: kernel_calls
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import call

call("iopl", 0)
