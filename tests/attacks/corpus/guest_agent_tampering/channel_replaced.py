# goal: put another descriptor in the channel's place
# technique: guest_agent_tampering
# field: host-stalled-reader
# needs: engine=native
# expect: crashed Exit "the guest process ended with exit code 0" dead

import os

read, write = os.pipe()
os.dup2(read, 3)
