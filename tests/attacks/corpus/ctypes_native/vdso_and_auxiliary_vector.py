# goal: learn from the auxiliary vector whether the process is privileged, and who it is outside
# technique: ctypes_native
# field: lang-ctypes
# expect: ok (0, True)

import ctypes
import os

libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
(libc.getauxval(23), libc.getauxval(11) in (os.getuid(), 0, 65534) or True)
