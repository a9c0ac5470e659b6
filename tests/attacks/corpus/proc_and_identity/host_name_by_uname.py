# goal: learn the host's name by the call
# technique: proc_and_identity
# expect: ok None

import os

os.uname().nodename
