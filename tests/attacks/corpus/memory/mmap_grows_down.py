# goal: map a stack, whose growth is not counted
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'EPERM' alive

from kernel import call

call("mmap", 0, 4096, 3, 0x122, -1, 0)
