# goal: send a message without a type
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a message of an unknown type"

from wire import frame, send

send(frame(b"{}"))
