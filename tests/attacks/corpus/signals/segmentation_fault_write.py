# goal: write over the C library
# technique: signals
# needs: module:ctypes
# expect: crashed SIGSEGV dead

import ctypes

ctypes.memset(ctypes.cast(ctypes.CDLL(None).write, ctypes.c_void_p).value, 0xCC, 16)
"written"
