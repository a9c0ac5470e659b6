# goal: count the guests in memory that a fork shares
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 'EPERM' alive

from kernel import call

call("mmap", 0, 4096, 3, 0x21, -1, 0)
