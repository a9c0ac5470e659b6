# goal: await in a task that refuses to be cancelled
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall dead

import asyncio


async def stubborn():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass


await stubborn()
