# goal: end the process with the code of success, so that the turn seems done
# technique: guest_agent_tampering
# expect: crashed Exit "the guest process ended with exit code 0" dead

import os

print("partial", flush=True)
os._exit(0)
