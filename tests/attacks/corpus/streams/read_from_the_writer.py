# goal: read a stream that was lent for writing
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

WRITER
send(frame({"type": "credit", "stream": 0, "size": 10, "waits": False}))
