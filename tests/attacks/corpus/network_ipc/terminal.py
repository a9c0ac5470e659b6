# goal: open a terminal
# technique: network_ipc
# field: kernel-tiocsti
# expect: ok None

import os

os.openpty()
