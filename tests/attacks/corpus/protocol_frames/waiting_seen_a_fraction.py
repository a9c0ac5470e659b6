# goal: stop the clock with a count that is no whole number
# technique: protocol_frames
# field: host-forged-frame
# trap: 11
# expect: crashed Protocol "the guest broke the protocol: seen is not a small natural number"

from wire import frame, send

send(frame({"type": "waiting", "seen": 0.5}))
