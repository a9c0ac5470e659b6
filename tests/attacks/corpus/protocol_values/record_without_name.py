# goal: send a record of nothing
# technique: protocol_values
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a record without a name"

from wire import done, send

send(done(b'{"record":[]}'))
