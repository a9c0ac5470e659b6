# goal: rearrange a shared mapping
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("remap_file_pages", 0, 0, 0, 0, 0)
