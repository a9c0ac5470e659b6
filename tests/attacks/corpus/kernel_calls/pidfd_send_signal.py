# goal: signal a process through a descriptor
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("pidfd_send_signal", 3, 0, 0, 0)
