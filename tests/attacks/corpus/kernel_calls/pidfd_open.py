# goal: hold a process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pidfd_open", 1, 0)
