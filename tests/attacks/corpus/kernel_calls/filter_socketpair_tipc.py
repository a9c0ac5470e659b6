# goal: get sockets of a rare family, where the kernel's errors are
# technique: kernel_calls
# field: kernel-netlink
# expect: ok 'EPERM' alive

from kernel import call

call("socketpair", 30, 2, 0, b"\0" * 8)
