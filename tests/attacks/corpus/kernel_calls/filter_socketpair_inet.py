# goal: get a socket of the internet family
# technique: kernel_calls
# field: kernel-netlink
# expect: ok 'EPERM' alive

from kernel import call

call("socketpair", 2, 1, 0, b"\0" * 8)
