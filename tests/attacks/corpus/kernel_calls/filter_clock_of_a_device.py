# goal: read the clock behind a descriptor
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("clock_gettime", ~3 << 3 | 3, b"\0" * 16)
