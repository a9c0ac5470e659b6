# goal: leave the sandbox without an event loop
# technique: async_and_waiting
# field: lang-shadowing
# expect: error TypeError "'NoneType' object is not callable"
# expect[engine=wasi]: ok None

import asyncio
import selectors

asyncio.SelectorEventLoop = None
selectors.DefaultSelector = None
# --- next turn
await asyncio.sleep(0)
