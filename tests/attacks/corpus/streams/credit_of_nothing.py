# goal: ask for no bytes at all
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a credit that is not due"

from wire import frame, send

READER
send(frame({"type": "credit", "stream": 0, "size": 0, "waits": False}))
