# goal: keep a sandbox for ever by waiting for the host's own channel
# technique: guest_agent_tampering
# field: step-sleep
# needs: engine=native
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import select

select.select([3], [], [])
