# goal: open files as another user
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setfsuid", -1)
