# goal: read the host's process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

open(f"/proc/{TARGET['host_pid']}/environ", "rb").read()
