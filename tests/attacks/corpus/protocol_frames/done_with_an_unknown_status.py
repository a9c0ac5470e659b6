# goal: end the turn in a way that the host does not know
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a turn that ended with an unknown status"

from wire import done, send

send(done(status="cancelled"))
