# goal: ask for bytes of a stream that was not lent
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

send(frame({"type": "credit", "stream": 0, "size": 1_000, "waits": False}))
