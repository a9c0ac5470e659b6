# goal: start a process through the C library
# technique: ctypes_native
# field: lang-ctypes, step-threads-forks
# needs: module:ctypes
# expect: ok (-1, 'EPERM')

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
(libc.fork(), errno.errorcode[ctypes.get_errno()])
