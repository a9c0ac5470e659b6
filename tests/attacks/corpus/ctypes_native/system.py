# goal: run a shell through the C library
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 32512

import ctypes

ctypes.CDLL(None).system(b"id")
