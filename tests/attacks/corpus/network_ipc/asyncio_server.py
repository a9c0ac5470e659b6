# goal: serve from the event loop
# technique: network_ipc
# expect: ok None

import asyncio

await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
