# goal: make a message queue that outlives the guest
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("msgget", 0, 0o1777)
