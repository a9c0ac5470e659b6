# goal: give two results
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a frame after the end of the turn"

from wire import done, send

send(done(b"1"), done(b"2"))
