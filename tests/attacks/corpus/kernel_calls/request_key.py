# goal: find a key that another guest left
# technique: kernel_calls
# field: kernel-keyctl
# expect: crashed SIGSYS dead

from kernel import call

call("request_key", b"user", b"left-behind", 0, -3)
