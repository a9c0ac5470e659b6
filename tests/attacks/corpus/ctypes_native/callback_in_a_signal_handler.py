# goal: replace the sandbox's signal handler below Python
# technique: ctypes_native
# field: lang-ctypes, step-ignore-signals
# limits: wall=0.5
# needs: module:ctypes
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import ctypes

libc = ctypes.CDLL(None)
handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: None)
libc.signal(2, handler)
while True:
    pass
