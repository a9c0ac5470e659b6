# goal: break the host's table of messages with a type that is a number
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a message of an unknown type"

from wire import frame, send

send(frame({"type": 7}))
