# goal: stop the clock by waiting for a call that was answered
# technique: protocol_frames
# field: host-forged-frame
# trap: 11
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: waiting for nothing"

from wire import frame, send

echo("x")
send(frame({"type": "waiting", "seen": 1}))
