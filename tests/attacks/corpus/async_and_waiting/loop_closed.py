# goal: leave the sandbox without its event loop
# technique: async_and_waiting
# expect: ok 6

import asyncio

try:
    loop = asyncio.get_running_loop()
except RuntimeError:
    loop = asyncio.new_event_loop()
await asyncio.sleep(0)
# --- next turn
loop.close()
asyncio.set_event_loop(None)
# --- next turn
await asyncio.sleep(0, 6)
