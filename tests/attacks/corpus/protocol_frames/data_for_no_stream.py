# goal: write to a stream that was not lent
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

send(frame({"type": "data", "stream": 0, "eof": False, "waits": False}, b"", b"x" * 1_000_000))
