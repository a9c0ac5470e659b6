# goal: learn the saved user id
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getresuid", b"\0" * 4, b"\0" * 4, b"\0" * 4)
