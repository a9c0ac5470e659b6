# goal: learn the capabilities of another process
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("capget", b"\x22\x05\x08\x20\x01\0\0\0", b"\0" * 24)
