# goal: have the host send a gigabyte at once
# technique: streams
# field: host-frame-length
# expect: crashed Protocol "the guest broke the protocol: a credit that is not due"

from wire import frame, send

READER
send(frame({"type": "credit", "stream": 0, "size": 1 << 30, "waits": False}))
