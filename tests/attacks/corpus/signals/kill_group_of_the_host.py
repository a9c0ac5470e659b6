# goal: kill the group of the host's process
# technique: signals
# expect: ok None

import os

os.killpg(TARGET["host_pid"], 9)
