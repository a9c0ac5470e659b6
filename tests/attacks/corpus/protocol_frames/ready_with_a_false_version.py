# goal: pass True for a version
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: protocol is not a small natural number"

from wire import frame, send

send(frame({"type": "ready", "protocol": True, "python": "3.11"}))
