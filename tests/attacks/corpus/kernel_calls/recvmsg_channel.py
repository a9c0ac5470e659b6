# goal: receive a descriptor over the channel that the host did not mean to lend
# technique: kernel_calls
# expect: ok 'EAGAIN' alive

from kernel import call

call("recvmsg", 3, b"\0" * 56, 0x40)
