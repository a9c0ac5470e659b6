# goal: write to memory through /proc
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

open("/proc/self/mem", "r+b")
