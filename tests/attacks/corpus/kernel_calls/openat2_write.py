# goal: open for writing behind a pointer
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("openat2", -100, b"/box/tmp/x", b"\x41" + b"\0" * 23, 24)
