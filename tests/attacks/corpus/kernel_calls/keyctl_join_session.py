# goal: join a session keyring
# technique: kernel_calls
# field: kernel-keyctl
# expect: crashed SIGSYS dead

from kernel import call

call("keyctl", 1, 0)
