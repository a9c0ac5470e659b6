# goal: compute for free while a call is open
# technique: async_and_waiting
# trap: 11
# functions: pause_async
# limits: cpu=0.5 host_wall=8
# expect: limit cpu "the guest reached its limit cpu=0.5 s"

import asyncio

task = asyncio.ensure_future(pause_async(60))
await asyncio.sleep(0)
while True:
    pass
