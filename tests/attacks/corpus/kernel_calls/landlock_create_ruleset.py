# goal: learn the Landlock ABI, or build on the wall
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("landlock_create_ruleset", 0, 0, 1)
