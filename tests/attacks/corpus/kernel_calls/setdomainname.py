# goal: rename the machine's domain
# technique: kernel_calls
# expect: crashed SIGSYS dead

from kernel import call

call("setdomainname", b"taken", 5)
