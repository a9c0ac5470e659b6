# goal: remove a POSIX message queue
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mq_unlink", b"left-behind")
