# goal: wait for the host in one thread, spin in another
# technique: cpu_time
# limits: wall=0.3 cpu=0.3 host_wall=8
# functions: pause_async
# needs: threads
# trap: 11
# expect: limit cpu

import threading


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True).start()
await pause_async(5.0)
