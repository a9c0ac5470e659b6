# goal: answer the host's next request from within this turn
# technique: guest_agent_tampering
# field: host-forged-id
# trap: 30
# limits: wall=0.5
# expect: limit wall ~".*"

progress.__self__.serve()
