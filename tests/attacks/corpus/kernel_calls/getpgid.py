# goal: learn the process group of the launcher
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getpgid", 0)
