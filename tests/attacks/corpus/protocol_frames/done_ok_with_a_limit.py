# goal: end the turn well and by a limit
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a turn that ended with an unknown status"

from wire import done, send

send(done(limit="memory"))
