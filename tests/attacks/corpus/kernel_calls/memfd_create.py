# goal: have a file in memory that no limit counts
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("memfd_create", b"hidden", 0)
