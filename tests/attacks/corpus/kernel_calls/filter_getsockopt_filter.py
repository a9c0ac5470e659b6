# goal: read a filter from a socket
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getsockopt", 3, 1, 26, b"\0" * 4, b"\x04\0\0\0")
