# goal: learn how the launcher is scheduled
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prctl", 62, 0, 0, 0, b"\0" * 8)
