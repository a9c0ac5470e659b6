# goal: change or read quotas
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("quotactl", 0, 0, 0, 0)
