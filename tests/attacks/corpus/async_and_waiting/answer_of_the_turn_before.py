# goal: get the answer to a call of a turn that is over
# technique: async_and_waiting
# trap: 11
# functions: pause_async
# expect: error RuntimeError "pause_async() was abandoned: its turn has ended"

import asyncio


async def main():
    global task
    task = asyncio.ensure_future(pause_async(0.01))
    await asyncio.sleep(0)


await main()
# --- next turn
await task
