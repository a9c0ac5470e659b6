# goal: handle the host's interrupt by doing nothing, and sleep
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals, step-sleep
# expect: limit wall dead

import signal
import time

signal.signal(signal.SIGINT, lambda *_: None)
time.sleep(10**8)
