# goal: duplicate a mapping by moving none of it
# technique: memory
# limits: memory=64MiB
# expect: ok 'EINVAL' alive

from kernel import call

page = call("mmap", 0, 4096, 3, 0x22, -1, 0)
call("mremap", page, 0, 1 << 30, 1)
