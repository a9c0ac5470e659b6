# goal: make timers that a limit on signals does not count
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("timerfd_create", 1, 0)
