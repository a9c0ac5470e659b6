# goal: hide threads from the count that the guest itself keeps
# technique: resource_accounting
# needs: threads
# limits: wall=9 cpu=0.3
# trap: 30
# expect: limit cpu

import threading


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
threading._active.clear()
threading.active_count = lambda: 1
spin()
