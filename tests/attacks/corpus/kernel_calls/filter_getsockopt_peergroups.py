# goal: learn the groups of the process behind the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getsockopt", 3, 1, 59, b"\0" * 4, b"\x04\0\0\0")
