# goal: open a file with the C library's streams
# technique: filesystem
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 'ENOENT' alive
# expect[landlock+seccomp]: ok 'EACCES' alive
# expect[only:seccomp]: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.fopen(b"/etc/passwd", b"r")
errno.errorcode[ctypes.get_errno()] if not answer else answer
