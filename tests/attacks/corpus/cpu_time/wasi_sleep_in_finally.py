# goal: sleep on after the interrupt
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.3
# field: step-sleep
# expect: limit wall dead

import time

try:
    time.sleep(100)
finally:
    time.sleep(100)
