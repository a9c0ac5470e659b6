# goal: reach the host's network through asyncio
# technique: async_and_waiting
# field: lang-module-through-module
# expect: ok 'EPERM'

import asyncio
import errno

try:
    result = await asyncio.open_connection("127.0.0.1", TARGET["port"])
except OSError as error:
    result = errno.errorcode[error.errno]
result
