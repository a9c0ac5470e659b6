# goal: end with a code
# technique: signals
# expect: crashed Exit dead

import os

os._exit(3)
