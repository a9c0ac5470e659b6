# goal: map shared anonymous memory, which RLIMIT_DATA does not count
# technique: memory
# limits: memory=64MiB
# trap: 2, 4
# expect: ok 'EPERM' alive

from kernel import call

call("mmap", 0, 4096, 3, 0x21, -1, 0)
