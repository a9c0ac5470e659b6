# goal: have the kernel make huge pages, as the zygote may: without a filter, of nothing is no error
# technique: kernel_calls
# expect: ok 'EINVAL' alive

from kernel import call

call("madvise", 0, 0, 25)
