# goal: write to a library that all guests map
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# field: lang-ctypes
# expect: ok 0 alive

import ctypes

from kernel import call

libc = ctypes.CDLL(None)
address = ctypes.cast(libc.getpid, ctypes.c_void_p).value
page = address & ~0xFFF
spot = ctypes.c_char.from_address(page)
call("mprotect", page, 4096, 7)
before = spot.value
spot.value = bytes([before[0] ^ 0xFF])
changed = spot.value != before
spot.value = before
0 if changed else "not written"
