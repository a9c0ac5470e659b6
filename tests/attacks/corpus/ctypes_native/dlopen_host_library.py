# goal: load a library from a host folder
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 'OSError'

import ctypes

try:
    result = ctypes.CDLL(TARGET["folder"] + "/secret.txt")
except OSError as error:
    result = type(error).__name__
result
