# goal: signal everybody through the call that is allowed for oneself
# technique: signals
# trap: 5
# expect: ok 'EPERM' alive

from kernel import call

call("tgkill", -1, 1, 15)
