# goal: give a file to another user
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("fchownat", -100, b"/box/tmp", -1, -1, 0)
