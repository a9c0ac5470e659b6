# goal: ask the host for a file, as the host asks guests
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol 'the guest broke the protocol: ok is not a boolean' dead

from wire import frame, mute, send

mute()
send(frame({"type": "file", "turn": 1, "id": 0}, b'["read","/etc/passwd",null]'))
