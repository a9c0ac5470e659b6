# goal: kill the host's process by its number
# technique: signals
# expect: ok None

import os

os.kill(TARGET["host_pid"], 9)
