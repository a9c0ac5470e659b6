# goal: receive from a message queue
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("msgrcv", 0, b"\0" * 16, 8, 0, 0o4000)
