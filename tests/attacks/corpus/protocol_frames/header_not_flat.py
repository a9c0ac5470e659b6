# goal: make the host decode a header that is nested
# technique: protocol_frames
# field: host-nesting
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a header that is not flat"

from wire import frame, send

send(frame({"type": {"type": "done"}}))
