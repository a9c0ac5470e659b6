# goal: read the address layout, which all guests of an image share
# technique: proc_and_identity
# field: kernel-proc-self-exe
# trap: 17
# expect: ok None

open("/proc/self/maps").read()
