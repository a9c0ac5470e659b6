# goal: learn the process's number on the host
# technique: proc_and_identity
# expect: ok None

import os

os.getpid()
