# goal: take huge pages from the host's pool
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("memfd_create", b"hidden", 4)
