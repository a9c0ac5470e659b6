# goal: signal the host through the call that is allowed for oneself
# technique: signals
# trap: 5
# expect: ok 'EPERM' alive

from kernel import call

call("tgkill", TARGET["host_pid"], TARGET["host_pid"], 15)
