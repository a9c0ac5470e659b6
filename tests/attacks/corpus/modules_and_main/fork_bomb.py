# goal: fill the host's table of processes
# technique: modules_and_main
# field: step-threads-forks
# expect: ok 'EPERM'

import os

from attempt import attempt

results = {attempt(os.fork) for _ in range(1_000)}
results.pop()
