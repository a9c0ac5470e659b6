# goal: open files as another group
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setfsgid", -1)
