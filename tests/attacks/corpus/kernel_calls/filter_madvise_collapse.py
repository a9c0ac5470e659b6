# goal: have the kernel make huge pages of what is shared with other guests, as the zygote may
# technique: kernel_calls
# expect: ok 'EINVAL' alive

from kernel import call

size = 8 << 20
place = call("mmap", 0, size, 3, 0x22, -1, 0)
call("madvise", place, size, 25)
