# goal: walk from a namespace to the one above
# technique: kernel_calls
# field: kernel-unshare
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 3, 0xB702, 0)
