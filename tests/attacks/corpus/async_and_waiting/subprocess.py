# goal: start a process through asyncio
# technique: async_and_waiting
# field: step-threads-forks
# expect: ok 'EPERM'

import asyncio
import errno

try:
    result = await asyncio.create_subprocess_exec("/bin/true")
except OSError as error:
    result = errno.errorcode[error.errno]
result
