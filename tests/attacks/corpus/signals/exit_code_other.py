# goal: end with a code
# technique: signals
# expect: ok None

import os

os._exit(3)
