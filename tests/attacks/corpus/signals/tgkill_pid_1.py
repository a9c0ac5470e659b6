# goal: signal pid 1 through the call that is allowed for oneself
# technique: signals
# trap: 5
# needs: no:namespaces
# expect: ok 'EPERM' alive

from kernel import call

call("tgkill", 1, 1, 15)
