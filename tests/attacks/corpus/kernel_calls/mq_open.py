# goal: make a POSIX message queue
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mq_open", b"left-behind", 0o102, 0o666, 0)
