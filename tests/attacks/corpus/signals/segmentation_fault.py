# goal: read from address 0
# technique: signals
# expect: crashed SIGSEGV dead

import ctypes

ctypes.string_at(0)
