# goal: take memory in pieces of a page
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'within the limit' alive

import ctypes

from kernel import call

taken = 0
while taken < 40_000:
    # Every second one is read-only, so that neighbours are not merged.
    page = call("mmap", 0, 4096, 3 - 2 * (taken % 2), 0x22, -1, 0)
    if not isinstance(page, int):
        break
    taken += 1
f"took {taken} pages" if taken > 80 * 256 else "within the limit"
