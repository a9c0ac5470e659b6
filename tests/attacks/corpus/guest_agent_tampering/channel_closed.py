# goal: leave the host waiting on a channel that is closed, and go on computing
# technique: guest_agent_tampering
# field: host-stalled-reader
# needs: engine=native
# limits: wall=1
# expect: crashed Disconnected "the guest closed its channel" dead

import os

os.close(3)
while True:
    pass
