# goal: wait for a lock that one holds
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
