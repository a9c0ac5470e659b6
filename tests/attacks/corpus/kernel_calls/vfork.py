# goal: become two processes, the old way
# technique: kernel_calls
# field: step-threads-forks
# needs: x86_64
# expect: ok 'EPERM' alive

from kernel import call

call("vfork")
