# goal: send data where a message has none
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a progress with a payload"

from wire import frame, send

send(frame({"type": "progress", "fraction": 0, "message": ""}, b"1"))
