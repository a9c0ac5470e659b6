# goal: open a host file through the C library
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: ok (-1, 'ENOENT')
# expect[landlock+seccomp]: ok (-1, 'EACCES')
# expect[only:seccomp]: ok (-1, 'EPERM')

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
(libc.open(TARGET["secret_file"].encode(), 0), errno.errorcode[ctypes.get_errno()])
