# goal: answer about a file when the turn is over
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol 'the guest broke the protocol: a frame after the end of the turn' dead

from wire import done, frame, mute, send

mute()
send(done(), frame({"type": "file", "id": 0, "ok": True}, b"null"))
