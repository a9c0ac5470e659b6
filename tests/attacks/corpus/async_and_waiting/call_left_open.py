# goal: end the turn and leave a call running in the host
# technique: async_and_waiting
# trap: 10
# functions: pause_async
# expect: ok 3

import asyncio

task = asyncio.ensure_future(pause_async(60))
await asyncio.sleep(0)
3
