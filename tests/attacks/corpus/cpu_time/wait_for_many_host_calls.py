# goal: have many slow host calls open at once
# technique: cpu_time
# limits: wall=0.3 host_wall=0.3
# functions: pause_async
# trap: 11
# expect: limit host_wall alive

import asyncio

await asyncio.gather(*[pause_async(60.0) for _ in range(100)])
