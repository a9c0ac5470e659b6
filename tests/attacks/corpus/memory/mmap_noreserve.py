# goal: map memory that is promised but not reserved
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'ENOMEM' alive

from kernel import call

call("mmap", 0, 1 << 30, 3, 0x4022, -1, 0)
