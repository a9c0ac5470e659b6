# goal: learn who is behind the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getsockopt", 3, 1, 17, b"\0" * 12, b"\x0c\0\0\0")
