# goal: reach the keyring that all processes of a user share
# technique: kernel_calls
# field: kernel-keyctl
# expect: crashed SIGSYS dead

from kernel import call

call("keyctl", 0, -4, 1)
