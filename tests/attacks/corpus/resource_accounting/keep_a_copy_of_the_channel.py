# goal: close the channel, and keep a copy so that the host does not see its end
# technique: resource_accounting
# limits: wall=0.5
# expect: crashed Exit dead
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import os

os.dup(3)
os.close(3)
"kept"
