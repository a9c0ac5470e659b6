# goal: have more calls open at once than are allowed
# technique: resource_accounting
# functions: lookup_async
# limits: calls=100
# field: host-flood
# expect: limit calls

import asyncio

await asyncio.gather(*[lookup_async("a") for _ in range(1_000)])
"called"
