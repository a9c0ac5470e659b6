# goal: put another descriptor in the place of the channel
# technique: resource_accounting
# expect: crashed Exit dead

import os

os.dup2(0, 3)
"replaced"
