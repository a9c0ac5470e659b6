# goal: print into the next turn
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a frame after the end of the turn"

from wire import done, output, send

send(done(b"1"), output(b"from the turn before"))
