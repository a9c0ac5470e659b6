# goal: get a descriptor table of one's own, which RLIMIT_NOFILE counts anew
# technique: kernel_calls
# field: kernel-unshare
# expect: crashed SIGSYS dead

from kernel import call

call("unshare", 0x00000400)
