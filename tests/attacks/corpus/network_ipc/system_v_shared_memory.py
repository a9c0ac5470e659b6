# goal: make System V shared memory through the C library
# technique: network_ipc
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.shmget(0x1234, 4096, 0o1777)
errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
