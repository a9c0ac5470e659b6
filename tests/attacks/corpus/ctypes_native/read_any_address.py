# goal: read the memory of the host at an address
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect: crashed SIGSEGV dead

import ctypes

ctypes.string_at(0x1000, 8)
