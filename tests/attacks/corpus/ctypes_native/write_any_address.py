# goal: write into the interpreter's own code
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: crashed SIGSEGV dead

import ctypes

address = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value
ctypes.memset(address, 0, 8)
