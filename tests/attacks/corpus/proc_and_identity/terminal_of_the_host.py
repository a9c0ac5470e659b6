# goal: learn the host's terminal
# technique: proc_and_identity
# expect: ok None

import os

os.ttyname(0)
