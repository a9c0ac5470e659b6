# goal: leave out a field that the host reads
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a done with missing or unknown fields"

from wire import frame, send

send(frame({"type": "done", "status": "ok", "limit": None}))
