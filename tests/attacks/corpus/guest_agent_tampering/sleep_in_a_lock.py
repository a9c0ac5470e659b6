# goal: keep a sandbox for ever by waiting for a lock that nobody holds
# technique: guest_agent_tampering
# field: step-sleep
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
