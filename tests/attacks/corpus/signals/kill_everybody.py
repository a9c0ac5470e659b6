# goal: kill every process that one may
# technique: signals
# expect: ok None

import os

os.kill(-1, 9)
