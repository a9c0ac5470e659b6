# goal: pass 1 for a flag
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: eof is not a boolean"

from wire import frame, send

WRITER
send(frame({"type": "data", "stream": 0, "eof": 1, "waits": False}, b"", b"x"))
