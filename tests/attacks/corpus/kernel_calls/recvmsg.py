# goal: receive descriptors over the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("recvmsg", 3, b"\0" * 56, 0x40)
