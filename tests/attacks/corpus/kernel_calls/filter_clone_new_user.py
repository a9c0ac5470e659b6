# goal: start a process as root of a new user namespace
# technique: kernel_calls
# field: kernel-unshare
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x10000011)
