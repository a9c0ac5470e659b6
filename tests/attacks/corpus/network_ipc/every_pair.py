# goal: find any family of socket pairs beside the one that is allowed
# technique: network_ipc
# field: kernel-netlink
# expect: ok [1] alive

from kernel import call

pairs = [(family, call("socketpair", family, 1, 0, b"\0" * 8)) for family in range(64)]
[family for family, answer in pairs if answer != "EPERM"]
