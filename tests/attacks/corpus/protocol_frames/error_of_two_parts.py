# goal: report an error without a traceback
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an error without type, message and traceback"

from wire import done, send

send(done(b'["ValueError","x"]', status="error"))
