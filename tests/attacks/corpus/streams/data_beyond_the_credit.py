# goal: write more than the host can take
# technique: streams
# field: host-flood
# expect: crashed Protocol "the guest broke the protocol: stream data beyond its credit"

from wire import frame, send

WRITER
send(frame({"type": "data", "stream": 0, "eof": False, "waits": False}, b"", b"x" * (1 << 21)))
