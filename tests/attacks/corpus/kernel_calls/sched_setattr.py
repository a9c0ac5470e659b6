# goal: set a deadline schedule
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sched_setattr", 0, b"\x38" + b"\0" * 55, 0)
