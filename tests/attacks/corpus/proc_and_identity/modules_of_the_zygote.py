# goal: use the modules that confine guests
# technique: proc_and_identity
# field: kernel-unshare
# expect: crashed SIGSYS dead
# expect[engine=wasi]: error ModuleNotFoundError "No module named 'ringfence'" alive

from ringfence.jail import libc

libc.unshare(0x10000000)
