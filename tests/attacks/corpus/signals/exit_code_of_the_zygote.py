# goal: end with the code that a guest has which could not be confined
# technique: signals
# expect: ok None

import os

os._exit(70)
