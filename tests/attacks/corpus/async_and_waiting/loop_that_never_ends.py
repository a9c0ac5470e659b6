# goal: keep the sandbox's event loop for ever
# technique: async_and_waiting
# field: step-sleep
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import asyncio

await asyncio.Event().wait()
