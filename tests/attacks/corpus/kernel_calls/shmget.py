# goal: make shared memory that outlives the guest
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("shmget", 0, 4096, 0o1777)
