# goal: read an option of a protocol below the socket
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getsockopt", 3, 0, 3, b"\0" * 4, b"\x04\0\0\0")
