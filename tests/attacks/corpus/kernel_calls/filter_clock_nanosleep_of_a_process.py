# goal: sleep by the CPU clock of a process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clock_nanosleep", -6, 0, b"\0" * 16)
