# goal: end the process by SIGSEGV
# technique: guest_agent_tampering
# expect: crashed SIGSEGV dead

import ctypes

ctypes.string_at(0)
