# goal: forge the sender of a signal to a thread
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("rt_tgsigqueueinfo", 1, 1, 0, b"\0" * 128)
