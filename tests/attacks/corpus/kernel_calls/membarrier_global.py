# goal: make every processor of the host pause
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("membarrier", 1, 0)
