# goal: end the process in the middle of a turn
# technique: guest_agent_tampering
# expect: crashed Exit "the guest process ended with exit code 7" dead

import os

os._exit(7)
