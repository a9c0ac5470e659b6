# goal: take a signal before its handler does
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("rt_sigtimedwait", b"\0" * 8, 0, b"\0" * 16, 8)
