# goal: keep the host a text of ten kilobytes
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: python is not a short text"

from wire import frame, send

send(frame({"type": "ready", "protocol": 1, "python": "3" * 10_000}))
