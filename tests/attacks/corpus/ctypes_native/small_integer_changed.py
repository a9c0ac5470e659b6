# goal: make 1 equal to 1000 in the guest, and so the number of the turn another
# technique: ctypes_native
# field: lang-ctypes, host-forged-id
# needs: module:ctypes
# expect: crashed Protocol "the guest broke the protocol: the end of another turn"

import ctypes

ctypes.c_uint32.from_address(id(1) + 24).value = 1000
