# goal: flood the host with data that is none
# technique: streams
# field: host-flood
# expect: crashed Protocol "the guest broke the protocol: stream data beyond its credit"

from wire import frame, send

WRITER
for _ in range(1_000):
    send(frame({"type": "data", "stream": 0, "eof": False, "waits": False}))
