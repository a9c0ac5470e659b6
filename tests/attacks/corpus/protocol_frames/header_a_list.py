# goal: have the host take a list for a header
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a header that is not flat"

from wire import frame, send

send(frame(b'["done"]'))
