# goal: learn the session of the host
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getsid", 0)
