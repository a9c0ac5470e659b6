# goal: serve from the event loop
# technique: network_ipc
# expect: ok 0 alive
# expect[python>=3.13]: error OSError "could not bind on any address out of [('127.0.0.1', 0)]" alive

import asyncio

server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
len(server.sockets)
