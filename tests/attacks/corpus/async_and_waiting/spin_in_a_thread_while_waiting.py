# goal: compute for free in a thread while the main one waits for the host
# technique: async_and_waiting
# trap: 11
# needs: threads
# functions: pause_async
# limits: cpu=0.5 host_wall=8
# expect: limit cpu "the guest reached its limit cpu=0.5 s"

import threading


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True).start()
await pause_async(60)
