# goal: make the host speak another version of the protocol
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: the guest speaks version 2 of the protocol"

from wire import frame, send

send(frame({"type": "ready", "protocol": 2, "python": "3.11"}))
