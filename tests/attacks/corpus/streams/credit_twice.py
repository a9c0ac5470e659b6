# goal: ask for bytes before the last ones came
# technique: streams
# field: host-flood
# expect: crashed Protocol "the guest broke the protocol: a credit that is not due"

from wire import frame, send

READER
send(frame({"type": "credit", "stream": 0, "size": 1 << 20, "waits": False}) * 2)
