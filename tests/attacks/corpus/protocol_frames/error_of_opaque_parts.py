# goal: report an error whose message is an object
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an error without type, message and traceback"

from wire import done, send

send(done(b'["ValueError",{"opaque":["str","x"]},"y"]', status="error"))
