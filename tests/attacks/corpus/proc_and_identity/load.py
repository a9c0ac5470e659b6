# goal: learn how busy the host is
# technique: proc_and_identity
# expect: error OSError 'Load averages are unobtainable' alive

import os

os.getloadavg()
