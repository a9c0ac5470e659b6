# goal: leave the session and go on in the background
# technique: threads_processes
# field: step-threads-forks, lang-ctypes
# needs: module:ctypes
# expect: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.daemon(0, 0)
errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
