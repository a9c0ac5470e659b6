# goal: pass a pointer whose lower half is null
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("prlimit64", 0, 7, 1 << 32, 0)
