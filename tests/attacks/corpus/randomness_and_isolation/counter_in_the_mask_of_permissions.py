# goal: count the guests in the umask
# technique: randomness_and_isolation
# twice: equal
# needs: disk
# expect: ok False alive

import os

os.umask(0o123) == 0o123
