# goal: run a program from the event loop
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import asyncio

await asyncio.create_subprocess_exec("/bin/true")
