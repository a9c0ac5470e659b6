# goal: learn the host's control group
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

open("/proc/self/cgroup").read()
