# goal: end as if all was done
# technique: signals
# expect: ok None

import os

os._exit(0)
