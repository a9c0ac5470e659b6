# goal: interrupt the host's processors
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("membarrier", 0, 0)
