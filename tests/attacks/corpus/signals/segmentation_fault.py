# goal: read from address 0
# technique: signals
# expect: ok None

import ctypes

ctypes.string_at(0)
