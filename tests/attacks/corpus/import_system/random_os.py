# goal: reach os through a harmless module that imported it
# technique: import_system
# field: lang-module-through-module
# expect: ok 'EPERM'

import random

from attempt import attempt

attempt(random._os.fork)
