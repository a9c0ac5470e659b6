# goal: read signals from a descriptor
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("signalfd4", -1, b"\0" * 8, 8, 0)
