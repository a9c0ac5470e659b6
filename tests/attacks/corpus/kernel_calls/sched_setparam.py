# goal: raise the real-time priority
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sched_setparam", 0, b"\0" * 4)
