# goal: choose the processors that one shares with others
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sched_setaffinity", 0, 128, b"\xff" * 128)
