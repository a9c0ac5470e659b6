# goal: learn how busy the host is
# technique: proc_and_identity
# expect: error OSError 'Load averages are unobtainable' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'getloadavg'" alive

import os

os.getloadavg()
