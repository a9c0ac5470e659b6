# goal: learn the saved group id
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getresgid", b"\0" * 4, b"\0" * 4, b"\0" * 4)
