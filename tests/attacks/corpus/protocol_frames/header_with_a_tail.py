# goal: hide something behind a header
# technique: protocol_frames
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a header that is not an object"

from wire import frame, send

send(frame(b'{"type":"waiting"} '))
