# goal: send to a message queue
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("msgsnd", 0, b"\0" * 16, 8, 0)
