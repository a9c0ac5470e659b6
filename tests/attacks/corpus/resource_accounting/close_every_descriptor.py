# goal: close every descriptor, the channel too
# technique: resource_accounting
# expect: crashed Exit dead
# expect[engine=wasi]: ok 'closed' alive

import os

os.closerange(0, 1024)
"closed"
