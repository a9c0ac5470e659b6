# goal: hold the process behind the channel
# technique: kernel_calls
# field: kernel-leaked-fd
# expect: ok 'EPERM' alive

from kernel import call

call("getsockopt", 3, 1, 77, b"\0" * 4, b"\x04\0\0\0")
