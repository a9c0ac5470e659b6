# goal: block the event loop
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

import asyncio


def spin():
    while True:
        pass


async def main():
    asyncio.get_running_loop().call_soon(spin)
    await asyncio.sleep(3600)


await main()
