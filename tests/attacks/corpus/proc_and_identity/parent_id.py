# goal: learn the parent's number on the host
# technique: proc_and_identity
# expect: ok None

import os

os.getppid()
