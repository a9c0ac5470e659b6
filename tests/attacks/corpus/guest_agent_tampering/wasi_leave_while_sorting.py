# goal: end the guest in the middle of a sort
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 3" dead

import os

sorted(range(100), key=lambda n: os._exit(3) if n == 50 else n)
