# goal: list the host's shared memory
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("shmctl", 0, 14, b"\0" * 128)
