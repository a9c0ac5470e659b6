# goal: become root for a while
# technique: proc_and_identity
# expect: ok None

import os

os.seteuid(0)
