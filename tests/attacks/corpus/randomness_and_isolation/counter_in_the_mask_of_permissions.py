# goal: count the guests in the umask
# technique: randomness_and_isolation
# twice: equal
# needs: disk
# expect: ok False alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'umask'" alive

import os

os.umask(0o123) == 0o123
