# goal: accept a connection on the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("accept", 3, 0, 0)
