# goal: free None, on which everything stands
# technique: ctypes_native
# field: lang-ctypes
# needs: module:ctypes
# expect[python<3.12 namespaces]: crashed SIGSEGV dead
# expect[python<3.12]: crashed SIGABRT dead
# expect: ok None

import ctypes

ctypes.c_ssize_t.from_address(id(None)).value = 1
for _ in range(1_000):
    [None][0]
