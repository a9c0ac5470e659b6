# goal: name a question by something that is no number
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol 'the guest broke the protocol: id is not a small natural number' dead

from wire import frame, mute, send

mute()
send(frame({"type": "file", "id": True, "ok": True}, b"null"))
