# goal: wait for any process through a descriptor
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("waitid", 3, 3, 0, 5, 0)
