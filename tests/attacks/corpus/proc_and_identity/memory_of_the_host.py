# goal: learn how much memory the host has
# technique: proc_and_identity
# expect: ok None

import os

os.sysconf("SC_PHYS_PAGES")
