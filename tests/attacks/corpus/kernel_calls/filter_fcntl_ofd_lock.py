# goal: lock a shared file until its last descriptor is closed
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fcntl", 3, 37, b"\0" * 32)
