# goal: learn the host's disk space
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("statfs", b"/", b"\0" * 128)
