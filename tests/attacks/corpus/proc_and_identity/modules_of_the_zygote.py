# goal: use the modules that confine guests
# technique: proc_and_identity
# field: kernel-unshare
# expect: crashed SIGSYS dead

from ringfence.jail import libc

libc.unshare(0x10000000)
