# goal: make the host decode a header of no bytes
# technique: protocol_frames
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a header of 0 bytes"

from wire import frame, send

send(frame(b""))
