# goal: hand the host a listing of names that lead elsewhere
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol 'the guest broke the protocol: an answer about a file that nobody asked for' dead

from wire import frame, mute, send

mute()
send(frame({"type": "file", "id": 0, "ok": True}, b'["../../etc/passwd",1]'))
