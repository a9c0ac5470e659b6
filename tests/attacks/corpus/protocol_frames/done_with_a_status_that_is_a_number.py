# goal: end the turn with a number for a status
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a turn that ended with an unknown status"

from wire import done, send

send(done(status=0))
