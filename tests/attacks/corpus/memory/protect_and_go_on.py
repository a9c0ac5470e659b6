# goal: fill memory, make it read-only so that RLIMIT_DATA forgets it, and go on
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'within the limit' alive

import ctypes

from kernel import call

taken = 0
while taken < 512:
    page = call("mmap", 0, 1 << 20, 3, 0x22, -1, 0)
    if not isinstance(page, int):
        break
    ctypes.memset(page, 1, 1 << 20)
    call("mprotect", page, 1 << 20, 1)
    taken += 1
f"took {taken} MiB" if taken > 80 else "within the limit"
