# goal: keep a secret in the kernel for the next guest
# technique: proc_and_identity
# field: kernel-keyctl
# expect: crashed SIGSYS dead

from kernel import call

call("add_key", b"user", b"note", b"for the next", 12, -4)
