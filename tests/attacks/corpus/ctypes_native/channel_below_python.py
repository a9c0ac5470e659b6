# goal: write between the frames by the C library
# technique: ctypes_native
# field: lang-ctypes, host-forged-frame
# needs: engine=native module:ctypes
# expect: crashed Protocol "the guest broke the protocol: a header of 1179010630 bytes"

import ctypes

print(end="", flush=True)
progress(0)
ctypes.CDLL(None).write(3, b"FFFFFFFFFFFF", 12)
