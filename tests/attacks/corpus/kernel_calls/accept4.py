# goal: accept a connection on the channel, by the newer call
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("accept4", 3, 0, 0, 0)
