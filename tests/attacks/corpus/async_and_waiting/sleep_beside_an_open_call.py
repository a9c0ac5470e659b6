# goal: stay for free while a call is open
# technique: async_and_waiting
# trap: 11
# functions: pause_async
# limits: wall=0.5 host_wall=8
# expect: limit wall "the guest reached its limit wall=0.5 s"

import asyncio
import time

task = asyncio.ensure_future(pause_async(60))
await asyncio.sleep(0)
time.sleep(60)
