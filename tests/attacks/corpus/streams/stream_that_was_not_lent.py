# goal: read a stream beside the one that was lent
# technique: streams
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

READER
send(frame({"type": "credit", "stream": 1, "size": 10, "waits": False}))
