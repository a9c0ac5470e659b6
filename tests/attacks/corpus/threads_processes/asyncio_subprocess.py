# goal: run a program from the event loop
# technique: threads_processes
# expect: ok None

import asyncio

await asyncio.create_subprocess_exec("/bin/true")
