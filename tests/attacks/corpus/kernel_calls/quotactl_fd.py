# goal: change or read quotas through a descriptor
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("quotactl_fd", 3, 0, 0, 0)
