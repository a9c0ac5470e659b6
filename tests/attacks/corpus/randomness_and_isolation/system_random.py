# goal: know another guest's random numbers from the kernel
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"b'.*'|b\".*\"" alive

import os

os.urandom(16)
