# goal: read the limits of the launcher
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prlimit64", 2, 7, 0, b"\0" * 16)
