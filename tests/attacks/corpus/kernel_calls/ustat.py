# goal: learn a device's space
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("ustat", 0, b"\0" * 64)
