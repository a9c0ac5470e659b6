# goal: sleep for years
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import time

time.sleep(10**8)
