# goal: make the host decode a header that cannot be an object
# technique: protocol_frames
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a header of 1 bytes"

from wire import frame, send

send(frame(b"1"))
