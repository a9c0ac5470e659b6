# goal: end a turn that has not begun
# technique: protocol_frames
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: the end of another turn"

from wire import done, send

send(done(turn=2))
