# goal: kill the process group of the launcher
# technique: signals
# expect: ok None

import os

os.kill(0, 9)
