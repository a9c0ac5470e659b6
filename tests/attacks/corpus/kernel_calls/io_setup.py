# goal: make a context for asynchronous input and output
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("io_setup", 1, b"\0" * 8)
