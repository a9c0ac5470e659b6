# goal: pass True for a fraction
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: fraction is not a number from 0 to 1"

from wire import frame, send

send(frame({"type": "progress", "fraction": True, "message": ""}))
