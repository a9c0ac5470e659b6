# goal: have the interrupt written into the channel, between the frames
# technique: guest_agent_tampering
# field: host-forged-frame
# needs: engine=native
# limits: wall=0.5
# expect[only:seccomp]: error PermissionError "[Errno 1] Operation not permitted"
# expect: limit wall "the guest reached its limit wall=0.5 s"

import os
import signal

os.set_blocking(3, False)
signal.set_wakeup_fd(3)
while True:
    pass
