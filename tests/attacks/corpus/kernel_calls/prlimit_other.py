# goal: read the limits of another process
# technique: kernel_calls
# trap: 5
# needs: no:namespaces
# expect: ok 'EPERM' alive

from kernel import call

call("prlimit64", 1, 7, 0, b"\0" * 16)
