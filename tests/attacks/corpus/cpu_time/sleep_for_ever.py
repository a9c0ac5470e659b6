# goal: sleep for years
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: ok None

import time

time.sleep(10**8)
