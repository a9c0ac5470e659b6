# goal: enlarge a small mapping
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'ENOMEM' alive

from kernel import call

page = call("mmap", 0, 4096, 3, 0x22, -1, 0)
call("mremap", page, 4096, 1 << 30, 1)
