# goal: make the process dumpable, so that its /proc files belong to it
# technique: kernel_calls
# field: kernel-proc-self-exe
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 4, 1)
