# goal: never let the main thread have the interpreter's lock
# technique: cpu_time
# limits: wall=0.3
# needs: threads
# expect: limit wall

import sys
import threading

sys.setswitchinterval(10**6)


def spin():
    sum(range(10**18))


threading.Thread(target=spin, daemon=True).start()
while True:
    pass
