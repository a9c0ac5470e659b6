# goal: send ten kilobytes as a short message
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: message is not a short text"

from wire import frame, send

send(frame({"type": "progress", "fraction": None, "message": "x" * 10_000}))
