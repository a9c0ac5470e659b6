# goal: lock a file that the host reads
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("flock", 3, 4)
