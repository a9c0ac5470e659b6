# goal: make the kernel keep a large buffer for the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setsockopt", 3, 1, 7, b"\0\0\x10\0", 4)
