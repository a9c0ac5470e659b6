# goal: kill the parent process
# technique: signals
# expect: ok None

import os

os.kill(os.getppid(), 9)
