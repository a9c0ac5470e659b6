# goal: start over, as another guest
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: ready at the wrong time"

from wire import frame, send

send(frame({"type": "ready", "protocol": 1, "python": "3.11"}))
