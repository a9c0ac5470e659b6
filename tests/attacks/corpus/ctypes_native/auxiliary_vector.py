# goal: learn from the auxiliary vector where the interpreter was started, past the mount namespace
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: ok False

import ctypes

libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
started = ctypes.string_at(libc.getauxval(31))  # AT_EXECFN
TARGET["folder"].encode() in started or b"CANARY" in started
