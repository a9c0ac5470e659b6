# goal: hold the host's interrupt back for ever
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

progress.__self__.interrupts.held = 10**9
while True:
    pass
