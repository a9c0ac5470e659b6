# goal: choose where the kernel writes when a thread ends
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("set_tid_address", 0)
