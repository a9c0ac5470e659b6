# goal: count the guests in the C library's memory
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# field: lang-ctypes
# needs: module:ctypes
# expect: ok 1 alive

import ctypes

cell = ctypes.c_int.in_dll(ctypes.CDLL(None), "optind")
before = cell.value
cell.value = before + 1
cell.value - before if before == 1 else "somebody was here"
