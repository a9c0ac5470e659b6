# goal: read the CPU clock of another process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clock_gettime", ~1 << 3 | 2, b"\0" * 16)
