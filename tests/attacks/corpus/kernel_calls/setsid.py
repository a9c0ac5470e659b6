# goal: leave the session of the host
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setsid")
