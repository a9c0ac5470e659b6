# goal: keep a secret in a keyring that outlives the guest
# technique: kernel_calls
# field: kernel-keyctl
# expect: crashed SIGSYS dead

from kernel import call

call("add_key", b"user", b"left-behind", b"secret", 6, -3)
