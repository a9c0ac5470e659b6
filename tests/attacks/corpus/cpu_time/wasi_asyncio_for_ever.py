# goal: wait for a future that nobody sets
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.3
# field: step-sleep
# expect: limit wall

import asyncio

await asyncio.get_running_loop().create_future()
