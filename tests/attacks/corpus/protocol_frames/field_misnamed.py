# goal: give the host the right number of fields under other names
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: stream is not a short text"

from wire import frame, send

send(frame({"type": "output", "Stream": "stdout"}))
