# goal: read the environment that the process was started with, which os.environ no longer shows
# technique: ctypes_native
# field: lang-ctypes
# trap: 6
# needs: module:ctypes
# expect: ok False

import ctypes

libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
start = ctypes.c_ulong.in_dll(libc, "__libc_stack_end").value
end = libc.getauxval(31)  # AT_EXECFN: the last text above the environment
b"CANARY" in ctypes.string_at(start, end - start)
