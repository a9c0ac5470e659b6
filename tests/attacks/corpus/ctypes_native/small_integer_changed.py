# goal: make 1 equal to 2 in the guest, and so the number of the turn another
# technique: ctypes_native
# field: lang-ctypes
# expect: crashed Protocol "the guest broke the protocol: the end of another turn"

import ctypes

from wire import done, send

send(done(turn=2))
