# goal: run before everybody else
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sched_setscheduler", 0, 0, b"\0" * 4)
