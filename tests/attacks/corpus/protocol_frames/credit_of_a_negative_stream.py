# goal: reach a stream by counting from the end
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: stream is not a small natural number"

from wire import frame, send

send(frame({"type": "credit", "stream": -1, "size": 1, "waits": False}))
