# goal: attach to the launcher
# technique: proc_and_identity
# field: kernel-ptrace
# needs: module:ctypes
# expect: crashed SIGSYS dead

import ctypes

ctypes.CDLL(None).ptrace(16, 2, None, None)
