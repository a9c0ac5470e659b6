# goal: list the network interfaces
# technique: kernel_calls
# field: kernel-netlink
# expect: ok 'EPERM' alive

from kernel import call

call("ioctl", 3, 0x8912, b"\0" * 64)
