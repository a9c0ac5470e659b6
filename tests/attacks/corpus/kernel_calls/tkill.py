# goal: signal a thread by its number alone
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("tkill", 1, 0)
