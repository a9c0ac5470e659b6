# goal: have the kernel fill pages in one call, as the zygote may
# technique: kernel_calls
# expect: ok 'EINVAL' alive

from kernel import call

page = call("mmap", 0, 4096, 3, 0x22, -1, 0)
call("madvise", page, 4096, 22)
