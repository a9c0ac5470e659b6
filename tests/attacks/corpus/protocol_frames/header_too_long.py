# goal: make the host decode a header of a megabyte
# technique: protocol_frames
# field: host-frame-length
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a header of 1000053 bytes"

from wire import frame, send

send(frame({"type": "progress", "fraction": None, "message": "x" * 1_000_000}))
