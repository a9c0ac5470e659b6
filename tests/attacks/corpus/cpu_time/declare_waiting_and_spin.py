# goal: say that one waits for the host, and spin
# technique: cpu_time
# limits: wall=0.3 cpu=9 host_wall=0.5
# functions: pause_async
# trap: 11
# expect: limit host_wall

import asyncio
import os

asyncio.ensure_future(pause_async(60.0))
await asyncio.sleep(0.05)
while True:
    pass
