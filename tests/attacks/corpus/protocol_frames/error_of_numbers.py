# goal: report an error whose type is a number
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an error without type, message and traceback"

from wire import done, send

send(done(b'[1,"x","y"]', status="error"))
