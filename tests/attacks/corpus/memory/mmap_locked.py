# goal: map memory that cannot be swapped
# technique: memory
# limits: memory=64MiB
# expect: ok 'EPERM' alive

from kernel import call

call("mmap", 0, 4096, 3, 0x2022, -1, 0)
