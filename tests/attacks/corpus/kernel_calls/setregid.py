# goal: exchange group ids
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("setregid", -1, -1)
