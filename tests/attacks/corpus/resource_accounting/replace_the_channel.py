# goal: put another descriptor in the place of the channel
# technique: resource_accounting
# expect: crashed Exit dead
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'dup2'" alive

import os

os.dup2(0, 3)
"replaced"
