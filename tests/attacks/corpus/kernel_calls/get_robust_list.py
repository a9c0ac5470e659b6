# goal: find the futexes of the launcher
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("get_robust_list", 1, b"\0" * 8, b"\0" * 8)
