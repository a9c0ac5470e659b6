# goal: learn which pages of a shared file others use
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("mincore", 0, 0, b"\0")
