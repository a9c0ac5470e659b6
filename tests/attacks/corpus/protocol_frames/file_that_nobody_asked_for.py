# goal: hand the host a file that it did not ask for
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol 'the guest broke the protocol: an answer about a file that nobody asked for' dead

from wire import frame, mute, send

mute()
send(frame({"type": "file", "id": 0, "ok": True}, b'{"bytes":4}', b"evil"))
