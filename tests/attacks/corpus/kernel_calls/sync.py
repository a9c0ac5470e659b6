# goal: make the host write all its disks
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("sync")
