# goal: signal what is pid 2: the zygote, or somebody else
# technique: signals
# trap: 5
# expect: ok 'EPERM' alive

from kernel import call

call("tgkill", 2, 2, 15)
