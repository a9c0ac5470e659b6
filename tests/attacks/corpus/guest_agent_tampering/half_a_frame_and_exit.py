# goal: die in the middle of a frame
# technique: guest_agent_tampering
# field: host-lying-size
# expect: crashed Exit "the guest process ended with exit code 0" dead

import os

from wire import done, send

send(done(b"5")[:-1])
os._exit(0)
