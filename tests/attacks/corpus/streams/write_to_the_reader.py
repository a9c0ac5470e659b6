# goal: write to a stream that was lent for reading
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

READER
send(frame({"type": "data", "stream": 0, "eof": False, "waits": False}, b"", b"x"))
