# goal: send an object that names nothing
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: an object without exactly one tag"

from wire import done, send

send(done(b"{}"))
