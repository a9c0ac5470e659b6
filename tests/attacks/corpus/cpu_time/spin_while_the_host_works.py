# goal: start a slow host call, so that the clock rests, and spin
# technique: cpu_time
# limits: wall=0.3 host_wall=8
# functions: pause_async
# trap: 11
# expect: limit wall

import asyncio

asyncio.ensure_future(pause_async(1.0))
await asyncio.sleep(0.05)
while True:
    pass
