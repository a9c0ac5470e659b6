# goal: fork through the C library, past Python's hooks
# technique: threads_processes
# field: step-threads-forks, lang-ctypes
# needs: module:ctypes
# expect: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.fork()
errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
