# goal: read from a pipe to which nobody writes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: ok None

import os

reading, writing = os.pipe()
os.read(reading, 1)
