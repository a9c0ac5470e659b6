# goal: end with the code that a guest has which could not be confined
# technique: signals
# expect: crashed Exit dead

import os

os._exit(70)
