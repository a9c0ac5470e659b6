# goal: keep a copy of the channel that stays open when the guest's end is closed
# technique: guest_agent_tampering
# field: host-stalled-reader
# needs: engine=native
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

import os
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
copy = os.dup(3)
os.close(3)
while True:
    pass
