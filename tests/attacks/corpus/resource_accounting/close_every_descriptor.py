# goal: close every descriptor, the channel too
# technique: resource_accounting
# expect: crashed Exit dead

import os

os.closerange(0, 1024)
"closed"
