# goal: listen on the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("listen", 3, 1)
