# goal: end the process by a timer of the fault handler
# technique: guest_agent_tampering
# needs: threads
# expect: crashed Exit "the guest process ended with exit code 1" dead

import faulthandler
import time

faulthandler.dump_traceback_later(0.1, exit=True, file=2)
time.sleep(60)
