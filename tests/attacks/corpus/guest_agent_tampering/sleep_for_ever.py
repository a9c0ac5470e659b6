# goal: keep a sandbox for ever by sleeping
# technique: guest_agent_tampering
# field: step-sleep
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import time

time.sleep(10**8)
