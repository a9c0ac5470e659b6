# goal: learn what the kernel's filters can
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("seccomp", 2, 0, b"\0\0\0\x80")
