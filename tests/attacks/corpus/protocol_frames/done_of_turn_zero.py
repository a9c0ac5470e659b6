# goal: end the turn before the first
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: the end of another turn"

from wire import done, send

send(done(turn=0))
