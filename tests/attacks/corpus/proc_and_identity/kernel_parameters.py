# goal: change a parameter of the kernel
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

open("/proc/sys/kernel/core_pattern", "w")
