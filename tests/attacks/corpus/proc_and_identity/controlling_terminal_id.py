# goal: learn the controlling terminal
# technique: proc_and_identity
# expect: ok None

import os

os.tcgetpgrp(0)
