# goal: become root
# technique: proc_and_identity
# expect: ok None

import os

os.setuid(0)
