# goal: make a pipe that the kernel writes notifications to
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pipe2", b"\0" * 8, 0x80)
