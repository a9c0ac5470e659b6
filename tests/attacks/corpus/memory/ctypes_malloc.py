# goal: take memory from the C library, where no MemoryError comes
# technique: memory
# limits: memory=64MiB
# field: lang-ctypes
# trap: 4
# needs: module:ctypes
# expect: ok 'within the limit' alive

import ctypes

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
taken = 0
while taken < 256:
    block = libc.malloc(1 << 20)
    if not block:
        break
    libc.memset(block, 1, 1 << 20)
    taken += 1
"more than the limit" if taken > 80 else "within the limit"
