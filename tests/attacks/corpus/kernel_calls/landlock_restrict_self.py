# goal: change one's own Landlock domain
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("landlock_restrict_self", -1, 0)
