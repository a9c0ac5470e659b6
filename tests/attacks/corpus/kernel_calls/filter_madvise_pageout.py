# goal: push a page out to the host's disk
# technique: kernel_calls
# expect: ok 'EINVAL' alive

from kernel import call

page = call("mmap", 0, 4096, 3, 0x22, -1, 0)
call("madvise", page, 4096, 21)
