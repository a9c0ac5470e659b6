# goal: list the descriptors by the process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe, kernel-leaked-fd
# expect: ok None

import os

os.listdir("/proc/self/fd")
