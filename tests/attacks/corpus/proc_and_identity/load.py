# goal: learn how busy the host is
# technique: proc_and_identity
# expect: ok None

import os

os.getloadavg()
