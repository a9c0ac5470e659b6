# goal: start a process with the flags of fork
# technique: kernel_calls
# field: step-threads-forks
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 17)
