# goal: answer the host's question, which it did not ask
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a message of an unknown type"

from wire import frame, send

send(frame({"type": "reply", "id": 0, "ok": True}, b"1"))
