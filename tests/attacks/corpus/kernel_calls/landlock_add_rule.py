# goal: add to a ruleset
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("landlock_add_rule", 3, 1, 0, 0)
