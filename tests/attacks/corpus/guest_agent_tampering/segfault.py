# goal: end the process by SIGSEGV
# technique: guest_agent_tampering
# needs: module:ctypes
# expect: crashed SIGSEGV dead

import ctypes

ctypes.string_at(0)
