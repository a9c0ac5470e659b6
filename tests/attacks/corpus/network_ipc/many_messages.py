# goal: receive descriptors with the call for many messages
# technique: network_ipc
# field: kernel-leaked-fd
# expect: ok 'EPERM' alive

from kernel import call

call("recvmmsg", 3, b"\0" * 64, 1, 0x40, 0)
