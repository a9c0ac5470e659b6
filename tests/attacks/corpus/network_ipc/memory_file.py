# goal: make a file in memory
# technique: network_ipc
# expect: ok None

import os

os.memfd_create("hidden")
