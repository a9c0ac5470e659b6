# goal: find any family of sockets that is allowed
# technique: network_ipc
# field: kernel-netlink
# expect: ok ['EPERM'] alive

from kernel import call

kinds = (1, 2, 3, 5)
sorted({str(call("socket", family, kind, 0)) for family in range(64) for kind in kinds})
