# goal: make the host's JSON decoder fail
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a header that is not JSON"

from wire import frame, send

send(frame(b"{'type': 'done'}"))
