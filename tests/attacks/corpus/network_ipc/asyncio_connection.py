# goal: connect from the event loop
# technique: network_ipc
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error OSError "[Errno 58] Not supported" alive

import asyncio

await asyncio.open_connection("127.0.0.1", TARGET["port"])
