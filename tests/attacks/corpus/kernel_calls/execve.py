# goal: become another program
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("execve", b"/bin/sh", 0, 0)
