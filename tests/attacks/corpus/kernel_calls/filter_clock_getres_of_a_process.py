# goal: ask for the CPU clock of a process through its resolution
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clock_getres", -6, b"\0" * 16)
