# goal: ask for fewer bytes than none
# technique: streams
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: size is not a small natural number"

from wire import frame, send

READER
send(frame({"type": "credit", "stream": 0, "size": -1, "waits": False}))
