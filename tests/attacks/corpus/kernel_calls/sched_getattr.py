# goal: learn the scheduling of another process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sched_getattr", 0, b"\0" * 56, 56, 0)
