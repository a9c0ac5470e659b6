# goal: keep the host waiting by never giving a result
# technique: guest_agent_tampering
# field: host-stalled-reader
# trap: 30
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

from wire import mute

mute()
