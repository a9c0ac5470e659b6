# goal: free None, on which everything stands
# technique: ctypes_native
# field: lang-ctypes
# expect: ok ~".*"

import ctypes
import sys

address = ctypes.c_ssize_t.from_address(id(None))
address.value = 1 << 20
None
