# goal: bring /proc back, and with it every process
# technique: kernel_calls
# field: kernel-mount, kernel-proc-self-exe
# expect: crashed SIGSYS dead

from kernel import call

call("mount", b"proc", b"/box/tmp", b"proc", 0, 0)
