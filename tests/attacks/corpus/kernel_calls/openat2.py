# goal: open with rules that no filter can read
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("openat2", -100, b"/", b"\0" * 24, 24)
