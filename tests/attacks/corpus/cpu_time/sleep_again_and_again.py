# goal: sleep whatever interrupts
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall dead

import time

while True:
    try:
        time.sleep(10**8)
    except BaseException:
        pass
