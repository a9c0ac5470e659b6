# goal: open a file with the C library
# technique: filesystem
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 'ENOENT' alive
# expect[landlock+seccomp]: ok 'EACCES' alive
# expect[only:seccomp]: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.open(b"/etc/passwd", 0)
errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
