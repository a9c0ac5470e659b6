# goal: wait for asynchronous input and output
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("io_pgetevents", 0, 0, 0, 0, 0, 0)
