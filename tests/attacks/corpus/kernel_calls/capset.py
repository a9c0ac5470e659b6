# goal: change capabilities
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("capset", b"\x22\x05\x08\x20\0\0\0\0", b"\0" * 24)
