# goal: learn how much memory the host has free
# technique: proc_and_identity
# expect: ok None

import os

os.sysconf("SC_AVPHYS_PAGES")
