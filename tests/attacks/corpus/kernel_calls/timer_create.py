# goal: make timers in the kernel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("timer_create", 1, 0, b"\0" * 4)
