# goal: read from a pipe to which nobody writes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import os

reading, writing = os.pipe()
os.read(reading, 1)
