# goal: connect the channel to somebody else
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("connect", 3, b"\x01\0/box/socket\0", 14)
