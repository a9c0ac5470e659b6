# goal: forge the sender of a signal
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("rt_sigqueueinfo", 1, 0, b"\0" * 128)
