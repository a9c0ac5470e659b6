# goal: send many messages in one call
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sendmmsg", 3, b"\0" * 64, 1, 0)
