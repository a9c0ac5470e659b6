# goal: read the host's mounts
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

open("/proc/self/mountinfo").read()
