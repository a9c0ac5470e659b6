# goal: get a netlink socket
# technique: kernel_calls
# field: kernel-netlink
# expect: ok 'EPERM' alive

from kernel import call

call("socketpair", 16, 3, 0, b"\0" * 8)
