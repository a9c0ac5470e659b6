# goal: connect from the event loop
# technique: network_ipc
# expect: ok None

import asyncio

await asyncio.open_connection("127.0.0.1", TARGET["port"])
