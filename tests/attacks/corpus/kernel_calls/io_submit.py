# goal: submit asynchronous input and output
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("io_submit", 0, 0, 0)
