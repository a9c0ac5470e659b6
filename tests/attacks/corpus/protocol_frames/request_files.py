# goal: ask the host for its files in a turn of its own
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol 'the guest broke the protocol: a message of an unknown type' dead

from wire import frame, mute, send

mute()
send(frame({"type": "files", "turn": 2}, b'["list","",1000]'))
