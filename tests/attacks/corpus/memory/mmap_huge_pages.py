# goal: take huge pages from the host's pool
# technique: memory
# limits: memory=64MiB
# expect: ok 'EPERM' alive

from kernel import call

call("mmap", 0, 2 << 20, 3, 0x40022, -1, 0)
