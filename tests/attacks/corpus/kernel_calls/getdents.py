# goal: list a folder with a call that a filter may forget
# technique: kernel_calls
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("getdents", 3, b"\0" * 64, 64)
