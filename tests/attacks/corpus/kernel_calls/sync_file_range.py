# goal: make the host write a file
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sync_file_range", 3, 0, 0, 0)
