# goal: find in memory the modules that confine guests
# technique: proc_and_identity
# expect: ok None

import sys

sorted(name for name in sys.modules if name.split(".")[0] == "ringfence")
