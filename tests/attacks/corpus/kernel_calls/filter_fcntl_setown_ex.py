# goal: the same, with the newer command
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 15, b"\0\0\0\0\x01\0\0\0")
