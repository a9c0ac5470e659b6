# goal: read from a pipe to which nobody writes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'pipe'" alive

import os

reading, writing = os.pipe()
os.read(reading, 1)
