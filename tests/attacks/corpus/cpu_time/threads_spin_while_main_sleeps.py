# goal: use the processor in threads while the main thread sleeps
# technique: cpu_time
# limits: wall=9 cpu=0.3
# needs: threads
# trap: 12
# expect: limit cpu

import threading
import time


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
time.sleep(60)
