# goal: name a limit by a number
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a limit that is not the guest's to report"

from wire import done, send

send(done(b'["A","B","C"]', status="limit", limit=3))
