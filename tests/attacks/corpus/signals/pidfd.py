# goal: hold the parent by a descriptor
# technique: signals
# expect: ok None

import os

os.pidfd_open(1)
