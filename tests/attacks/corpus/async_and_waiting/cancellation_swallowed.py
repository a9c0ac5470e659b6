# goal: go on after the sandbox cancelled the coroutine
# technique: async_and_waiting
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import asyncio

while True:
    try:
        await asyncio.sleep(60)
    except BaseException:
        continue
