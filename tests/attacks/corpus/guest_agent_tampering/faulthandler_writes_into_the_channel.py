# goal: have the fault handler write text between the frames when the process dies
# technique: guest_agent_tampering
# field: host-forged-frame
# needs: engine=native module:ctypes
# expect: crashed Protocol "the guest broke the protocol: a header of 1635017030 bytes"

import ctypes
import faulthandler

from wire import agent

faulthandler.enable(3)
ctypes.string_at(0)
