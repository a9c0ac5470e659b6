# goal: give the channel a name that others can reach
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("bind", 3, b"\x01\0", 2)
