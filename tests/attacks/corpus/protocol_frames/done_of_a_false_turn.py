# goal: end the turn by a number that is only equal to its own
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: turn is not a small natural number"

from wire import done, send

send(done(turn=1.0))
