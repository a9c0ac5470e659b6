# goal: make semaphores that outlive the guest
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("semget", 0, 1, 0o1777)
