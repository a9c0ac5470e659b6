# goal: pass one type by a check and have the other one acted upon
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a done with missing or unknown fields"

from wire import frame, send

send(frame(b'{"type":"waiting","type":"done"}'))
