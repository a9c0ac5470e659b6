# goal: become another program through the C library
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: crashed SIGSYS dead

import ctypes

array = (ctypes.c_char_p * 2)(b"/bin/sh", None)
ctypes.CDLL(None).execv(b"/bin/sh", array)
