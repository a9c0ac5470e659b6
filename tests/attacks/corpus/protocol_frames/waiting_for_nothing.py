# goal: stop the clock by waiting for nothing
# technique: protocol_frames
# field: host-forged-frame
# trap: 11
# expect: crashed Protocol "the guest broke the protocol: waiting for nothing"

from wire import frame, send

send(frame({"type": "waiting", "seen": 0}))
