# goal: give the host a field that it does not know
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a progress with missing or unknown fields"

from wire import frame, send

send(frame({"type": "progress", "fraction": 0, "message": "", "__class__": "x"}))
