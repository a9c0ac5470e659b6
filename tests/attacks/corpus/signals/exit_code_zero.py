# goal: end as if all was done
# technique: signals
# expect: crashed Exit dead

import os

os._exit(0)
