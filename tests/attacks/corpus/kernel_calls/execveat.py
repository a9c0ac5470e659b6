# goal: become the program behind a descriptor
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("execveat", 3, b"", 0, 0, 0x1000)
