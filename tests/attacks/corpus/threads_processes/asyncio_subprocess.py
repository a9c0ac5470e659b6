# goal: run a program from the event loop
# technique: threads_processes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed" alive
# expect[python>=3.13]: error PermissionError "[Errno 1] Operation not permitted: '/bin/true'" alive

import asyncio

await asyncio.create_subprocess_exec("/bin/true")
