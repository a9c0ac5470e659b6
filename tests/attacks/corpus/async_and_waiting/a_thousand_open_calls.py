# goal: have more calls open than the limit allows
# technique: async_and_waiting
# field: host-flood
# functions: pause_async
# limits: calls=50
# expect: limit calls "the guest reached its limit calls=50"

import asyncio

await asyncio.gather(*[pause_async(60) for _ in range(1_000)])
