# goal: start a process that shares memory, as vfork does
# technique: kernel_calls
# field: step-threads-forks
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x4111)
