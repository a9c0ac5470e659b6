# goal: pass descriptors over the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sendmsg", 3, b"\0" * 56, 0)
