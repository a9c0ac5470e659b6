# goal: abort, leaving a core dump
# technique: signals
# expect: ok None

import os

os.abort()
