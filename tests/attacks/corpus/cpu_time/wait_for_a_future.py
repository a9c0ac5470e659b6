# goal: await what never happens
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

import asyncio

await asyncio.get_running_loop().create_future()
