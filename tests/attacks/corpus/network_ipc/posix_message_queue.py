# goal: make a message queue through the C library
# technique: network_ipc
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 'EPERM' alive

import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
answer = libc.mq_open(b"/left-behind", 0o102, 0o666, None)
errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
