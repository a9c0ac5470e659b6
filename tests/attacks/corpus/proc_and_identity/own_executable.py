# goal: find the interpreter by its process entry
# technique: proc_and_identity
# field: kernel-proc-self-exe
# expect: ok None

import os

os.readlink("/proc/self/exe")
