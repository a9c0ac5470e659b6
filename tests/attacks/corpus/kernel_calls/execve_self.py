# goal: start the interpreter again, without what confines this one
# technique: kernel_calls
# field: kernel-proc-self-exe
# expect: crashed SIGSYS dead

from kernel import call

call("execve", b"/proc/self/exe", 0, 0)
