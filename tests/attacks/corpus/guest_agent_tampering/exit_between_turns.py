# goal: end the process between two turns
# technique: guest_agent_tampering
# expect: crashed Exit "the guest process ended with exit code 4" dead

import os

progress.__self__.link.next_request = lambda: os._exit(4)
# --- next turn
1
